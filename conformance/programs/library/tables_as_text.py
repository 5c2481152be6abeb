"""csv: rows read and written, in several dialects."""
import csv
import io


def show(what, call):
    try:
        print(what, "->", call())
    except Exception as error:
        print(what, "!!", type(error).__name__, error)


def written(*rows, **fields):
    file = io.StringIO()
    csv.writer(file, **fields).writerows(rows)
    return file.getvalue()


def read(*lines, **fields):
    return list(csv.reader(lines, **fields))


row = ["a", 1, 1.5, None, "", "x,y", 'q"', "a b", " a", "l\n", "e\\"]
for quoting in range(6):
    show(quoting, lambda: ascii(written(row, quoting=quoting, escapechar="\\")))
show("dialects", lambda: [ascii(written(["a", "b c", "d\te"], dialect=name)) for name in ("excel", "excel-tab", "unix")])
show("escaped", lambda: written(['a"b', "c,d"], quoting=csv.QUOTE_NONE, escapechar="!"))
show("no escape", lambda: written(["a,b"], quoting=csv.QUOTE_NONE))
show("empty", lambda: ascii(written([], [""], ["", ""])))
show("empty", lambda: written([""], quoting=csv.QUOTE_NONE))
show("ends", lambda: ascii(written(["aQ", "b\r"], lineterminator="Q")))
show("no row", lambda: csv.writer(io.StringIO()).writerow(5))

show("quoted", lambda: read('a,"b,c","d""e"', '"two', 'lines",x', "", "a"))
show("spaces", lambda: read('  a, b, "c"', skipinitialspace=True))
show("inside", lambda: read('a"b,"c"d,"e""f"'))
show("escape", lambda: read("a!,b,c", escapechar="!"))
show("numbers", lambda: read('1,"2",,""', quoting=csv.QUOTE_NONNUMERIC))
show("numbers", lambda: read("a", quoting=csv.QUOTE_NONNUMERIC))
show("strings", lambda: read('1,"b",,""', quoting=csv.QUOTE_STRINGS))
show("not null", lambda: read('1,"b",,""', quoting=csv.QUOTE_NOTNULL))
show("delimiter", lambda: read("a;'b;c'", delimiter=";", quotechar="'"))
show("strict", lambda: read('"a"b', strict=True))
show("strict", lambda: read('"a', strict=True))
show("open end", lambda: read('x,"a'))
show("new line", lambda: read("a\rb"))
show("bytes", lambda: read(b"a"))

reader = csv.reader(["a,b\n", '"c\n', 'd",e\n'])
print([(line, reader.line_num) for line in reader])
print(list(csv.DictReader(["x,y", "1,2", "3", "4,5,6"], restkey="more", restval="?")))
file = io.StringIO()
table = csv.DictWriter(file, ["x", "y"], extrasaction="ignore")
table.writeheader()
table.writerow({"x": 1, "y": 2, "z": 3})
print(ascii(file.getvalue()))


class Colons(csv.excel):
    delimiter = ":"


csv.register_dialect("colons", Colons, quotechar="|")
print(read("a:|b:c|", dialect="colons"), "colons" in csv.list_dialects(), csv.get_dialect("colons").delimiter)
csv.unregister_dialect("colons")
show("unknown", lambda: csv.get_dialect("colons"))
for fields in (dict(delimiter=""), dict(delimiter=5), dict(quotechar="ab"), dict(quoting=9), dict(quoting="x"), dict(quotechar=None, quoting=1), dict(lineterminator=5),
               dict(delimiter="\n"), dict(delimiter="x", quotechar="x"), dict(bogus=1)):
    show(fields, lambda: csv.reader([], **fields))
print(csv.field_size_limit(3))
show("large", lambda: read("abcd"))
print(csv.field_size_limit(131072))
sniffed = csv.Sniffer().sniff("a;b;c\n1;2;3\n4;5;6\n")
print(sniffed.delimiter, csv.Sniffer().has_header("name,size\nab,1\ncd,2\n"))
