# Texts that nest deeper than anybody compiles: whose stack would not do says which error it is.
def compiled(name, source):
    try:
        compile(source, 'source', 'exec')
    except (MemoryError, RecursionError, SyntaxError) as error:
        # How much stack was used differs.
        said = str(error)
        for word in ('Stack overflow (used ', 'maximum recursion depth exceeded'):
            if word in said:
                said = '... during compilation' if said.endswith(' during compilation') else said
        print(name, type(error).__name__, said)
    else:
        print(name, 'is compiled')


most, longest = 30_000, 60_000
compiled('signs', '-' * most + '1')
compiled('negations', 'not ' * most + 'a')
compiled('powers', 'a' + '**a' * most)
compiled('choices', 'a if a else ' * most + 'a')
compiled('sums', 'a' + '+a' * longest)
compiled('attributes', 'a' + '.a' * most)
compiled('calls', 'a' + '()' * most)
compiled('subscripts', 'a' + '[0]' * longest)
compiled('brackets', '(' * most + ')' * most)
compiled('blocks', ''.join(' ' * i + 'if a:\n' for i in range(200)))
compiled('comparisons', 'a' + '<a' * most)
compiled('alternatives', 'a' + ' or a' * most)
compiled('targets', 'a = ' * most + 'a')
compiled('items', 'a,' * most)
for few in ('-' * 2000 + 'a', 'a' + '.a' * 10_000, 'a' + '+a' * 10_000, 'a if a else ' * 2000 + 'a', 'not ' * 2000 + 'a'):
    compiled('less', few)
