//! What `--help` and its like print.

/// How the program is called.
pub const USAGE: &str = "usage: kit-python [option] ... [-c cmd | -m mod | file | -] [arg] ...\n";

/// `-h`.
pub fn options() -> String {
    format!("{USAGE}{OPTIONS}")
}

/// `--help-all`.
pub fn all() -> String {
    format!("{USAGE}{OPTIONS}\n{ENVIRONMENT}\n{IMPLEMENTATION}")
}

const OPTIONS: &str = "\
Options (and what says the same in the environment):
-b     : warn when bytes or a bytearray are made a str, or compared with one, or bytes with an int (-bb: an error)
-B     : do not keep the compiled code of modules in files (also PYTHONDONTWRITEBYTECODE=x)
-c cmd : run the text cmd as a program; what follows are its arguments
-d     : set sys.flags.debug, which does nothing (also PYTHONDEBUG=x)
-E     : ignore PYTHON* environment variables
-h     : print this help and exit (also -? or --help)
-i     : interactive after the program has ended (also PYTHONINSPECT=x)
-I     : isolated: -E, -P and -s
-m mod : run a module as a program; what follows are its arguments
-O     : leave out assert statements; -OO leaves out docstrings too (also PYTHONOPTIMIZE=x)
-P     : do not search the program's directory for modules (also PYTHONSAFEPATH)
-q     : no greeting when interactive
-s     : the user's own site directory is not wanted; it is never searched (also PYTHONNOUSERSITE=x)
-S     : do not import sitecustomize and usercustomize, which are looked for on PYTHONPATH; site is never imported unasked
-u     : standard output and standard error are not buffered (also PYTHONUNBUFFERED=x)
-v     : say what is imported from where (also PYTHONVERBOSE=x)
-V     : print the version and exit (also --version); twice: print more
-W arg : what to do about warnings: action:message:category:module:line (also PYTHONWARNINGS=arg)
-x     : the first line of the program's file is none of the program
-X opt : see --help-xoptions
--check-hash-based-pycs always|default|never : accepted, without effect
--help-env      : print what environment variables mean, and exit
--help-xoptions : print what -X takes, and exit
--help-all      : print all help, and exit

Arguments:
file   : program read from a file
-      : program read from standard input (the default; interactive on a terminal)
arg ...: arguments for the program, in sys.argv[1:]
";

/// `--help-env`.
pub const ENVIRONMENT: &str = "\
Environment variables:
PYTHONASYNCIODEBUG : asyncio checks what it is used for
PYTHONBREAKPOINT   : what breakpoint() calls; 0 for nothing
PYTHONHASHSEED     : a number that the hashes of str and bytes follow from, or random
PYTHONHOME         : the directory above lib/python3.14, to take the library's modules from
PYTHONINTMAXSTRDIGITS: the most digits of an int that becomes text or is read from it; 0 for any number
PYTHONIOENCODING   : encoding[:errors] of the standard streams
PYTHONPATH         : directories that are searched for modules first, with ':' between them
PYTHONUTF8         : whether text is UTF-8 whatever the locale says (-X utf8)
PYTHONWARNDEFAULTENCODING: warn where text is opened without an encoding (-X warn_default_encoding)
PYTHONDEVMODE      : show all warnings (-X dev)
PYTHONFAULTHANDLER : say where the program was when it crashes (-X faulthandler)
PYTHONPROFILEIMPORTTIME: show how long imports take (-X importtime)
PYTHON_CONTEXT_AWARE_WARNINGS, PYTHON_CPU_COUNT, PYTHON_THREAD_INHERIT_CONTEXT, PYTHON_TLBC, PYTHONPYCACHEPREFIX: see --help-xoptions
PYTHONDEBUG, PYTHONDONTWRITEBYTECODE, PYTHONINSPECT, PYTHONNOUSERSITE, PYTHONOPTIMIZE, PYTHONSAFEPATH, PYTHONUNBUFFERED,
PYTHONVERBOSE, PYTHONWARNINGS: see --help
";

/// `--help-xoptions`.
pub const IMPLEMENTATION: &str = "\
Options of this implementation:
-X context_aware_warnings=0|1 : whether catch_warnings() is for the thread or task that enters it alone (1, the default;
         also PYTHON_CONTEXT_AWARE_WARNINGS)
-X cpu_count=N : what os.cpu_count() is to say; default for what the system says (also PYTHON_CPU_COUNT)
-X dev : show all warnings, and say where the program was when it crashes (also PYTHONDEVMODE)
-X dis : print the program's instructions, instead of running it
-X faulthandler : say where the program was when it crashes (also PYTHONFAULTHANDLER)
-X fuel=N : stop the program with an error when it has executed about N instructions, by their weights
-X gc-pause=MS : for how long a collection of new objects may stop the program, about, while it looks for garbage
-X gc-report=FILE.html : write at exit what collections did, and what is on the heap
-X gc-threads=N : how many threads mark in a collection of many objects (at first: one per core, at most four)
-X heap=paged|arena:SIZE|system : where objects lie: on pages of the system (the default), in an array,
         or each where the system's allocator puts it
-X heap=failing : as system, for tests: `_kit.fail_after` makes requests for memory fail
-X heap-stats : show at exit what memory was used for
-X importtime[=2] : show how long imports take; 2: also what was imported before (also PYTHONPROFILEIMPORTTIME)
-X int_max_str_digits=N : the most digits of an int that becomes text or is read from it; 0 for any number
         (also PYTHONINTMAXSTRDIGITS)
-X leak-report : say at exit which objects have references that nobody holds
-X max-memory=SIZE : the most memory that objects may have (SIZE: a number, with K, M or G behind it)
-X opstats : show at exit how often each instruction was executed, in a build with the feature `opstats`
-X specialize=always|never : specialise instructions whenever they could be, or not at all: for tests
-X pycache_prefix=DIR : keep compiled code below this directory (also PYTHONPYCACHEPREFIX)
-X showrefcount : show what is left at exit, in a build with the feature `stats`
-X stdlib=DIR : take the library's modules from this directory (also PYTHONHOME, the directory above lib/python3.14)
-X stop-report=MS : say who keeps a stop of all threads waiting for longer than MS milliseconds
-X thread_inherit_context=0|1 : whether a thread begins with the context variables of the one that starts it (1, the
         default; also PYTHON_THREAD_INHERIT_CONTEXT)
-X tlbc=0|1 : whether each thread specialises code for itself, in a copy of its own (1, the default); if not, code is
         not specialised (also PYTHON_TLBC)
-X tlbc-limit=SIZE : the most memory for such copies, those of the main thread not counted; who finds no room runs
         code that is not specialised
-X utf8[=0|1] : whether text is UTF-8 whatever the locale says (also PYTHONUTF8)
-X warn_default_encoding : warn where text is opened without an encoding (also PYTHONWARNDEFAULTENCODING)
-X zeal=N : verify the counts of all objects at every Nth safepoint (every one, without N), and collect
";
