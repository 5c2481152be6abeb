"""html.parser, mimetypes, email-free headers, gettext: events of broken markup, types of files, plural forms."""
import gettext
import mimetypes
from html.parser import HTMLParser


def attempt(action):
    try:
        print(action())
    except BaseException as error:
        print(type(error).__name__, error)


class Events(HTMLParser):
    def __init__(self, **kw):
        super().__init__(**kw)
        self.events = []

    def handle_starttag(self, tag, attrs):
        self.events.append(("start", tag, attrs, self.get_starttag_text()))

    def handle_endtag(self, tag):
        self.events.append(("end", tag))

    def handle_startendtag(self, tag, attrs):
        self.events.append(("both", tag, attrs))

    def handle_data(self, data):
        self.events.append(("data", data))

    def handle_comment(self, data):
        self.events.append(("comment", data))

    def handle_decl(self, decl):
        self.events.append(("decl", decl))

    def handle_pi(self, data):
        self.events.append(("pi", data))

    def handle_entityref(self, name):
        self.events.append(("entity", name))

    def handle_charref(self, name):
        self.events.append(("char", name))


for text in ("<!DOCTYPE html><p class='a' id=b data-x>text<br/>more</p>", "<a href=\"x?a=1&amp;b\">&lt;&#65;&#x42;&nosuch;</a>", "<!-- c --><?php x?><![CDATA[y]]>", "<script>if (a < b && c) '</p>'</script>after", "<P><B>unclosed", "a < b > c", "<", "<div", "</", "</ x>", "<a b='", "&", "&amp", "<1>", "<é>", "<x/y=1>"):
    for convert in (True, False):
        parser = Events(convert_charrefs=convert)
        parser.feed(text)
        parser.close()
        print(text, parser.events, parser.getpos())
parser = Events()
for piece in ("<p>ha", "lf <b", ">bold</", "b> &am", "p;</p>"):
    parser.feed(piece)
parser.close()
print(parser.events)
mimetypes.init(files=[])
print(mimetypes.guess_type("a.html"), mimetypes.guess_type("x.tar.gz"), mimetypes.guess_type("none"), mimetypes.guess_type("http://h/p.png?q"), mimetypes.guess_extension("text/plain"), mimetypes.guess_all_extensions("image/jpeg"), mimetypes.guess_type("A.PY"))
mimetypes.add_type("x/own", ".own")
print(mimetypes.guess_type("f.own"), mimetypes.guess_extension("x/nothing"))
n = gettext.NullTranslations()
print(n.gettext("hello"), n.ngettext("one", "many", 2), n.pgettext("ctx", "m"), gettext.translation("nothing", fallback=True).gettext("x"), gettext.c2py("n%10==1 && n%100!=11 ? 0 : n != 0 ? 1 : 2")(21))
attempt(lambda: gettext.translation("nothing"))
attempt(lambda: gettext.c2py("n +"))
attempt(lambda: gettext.c2py("os.system('x')"))
