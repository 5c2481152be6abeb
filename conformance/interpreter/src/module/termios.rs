//! `termios`: how terminals treat what is typed and shown.

use super::natives::{self, add_numbers};
use super::posix::numbers;
use super::posix::path::{descriptor_of, number, system};
use super::support;
use crate::error::{PyResult, Raised, raise};
use crate::object::args::Args;
use crate::object::bytes::PyBytes;
use crate::object::define::{ModuleDef, Native, method};
use crate::object::exception::{self, class};
use crate::object::list::PyList;
use crate::object::obj::Obj;
use crate::object::{bytes, int, list, protocol, str_, tuple};
use kit_core::thread::Ctx;

fn error_class(ctx: &mut Ctx) -> PyResult {
    natives::exception_class(
        ctx,
        |n| &n.terminal_error,
        "termios",
        "error",
        class::Exception,
    )
}

/// Raises `termios.error` with the number and the text of what the system says.
fn failed(ctx: &mut Ctx, error: &std::io::Error) -> Raised {
    let made = error_class(ctx).and_then(|class| {
        let text = exception::os::strip_code(&error.to_string());
        let number = Obj::small_int(error.raw_os_error().unwrap_or(0).into());
        let text = str_::new(ctx, &text)?;
        protocol::call(ctx, &class, &[number, text])
    });
    match made {
        Ok(error) => exception::raise(ctx, error),
        Err(raised) => raised,
    }
}

/// Calls the system.
fn done(ctx: &mut Ctx, call: impl FnMut() -> i64) -> PyResult<()> {
    match system(ctx, call)? {
        Ok(_) => Ok(()),
        Err(error) => Err(failed(ctx, &error)),
    }
}

fn settings(ctx: &mut Ctx, fd: i32) -> PyResult<libc::termios> {
    // SAFETY: all of it are numbers.
    let mut settings: libc::termios = unsafe { std::mem::zeroed() };
    // SAFETY: it fills the record in.
    done(ctx, || unsafe {
        libc::tcgetattr(fd, &raw mut settings).into()
    })?;
    Ok(settings)
}

fn tcgetattr(ctx: &mut Ctx, fd: &Obj) -> PyResult {
    let fd = descriptor_of(ctx, fd)?;
    let settings = settings(ctx, fd)?;
    let raw = settings.c_lflag & libc::ICANON == 0;
    let mut characters = Vec::with_capacity(libc::NCCS);
    for (at, byte) in settings.c_cc.iter().enumerate() {
        characters.push(if raw && matches!(at, libc::VMIN | libc::VTIME) {
            Obj::small_int((*byte).into())
        } else {
            bytes::new(ctx, &[*byte])?
        });
    }
    let characters = list::from_vec(ctx, characters)?;
    // SAFETY: they read the record.
    let speeds = unsafe { [libc::cfgetispeed(&settings), libc::cfgetospeed(&settings)] };
    let mut items = Vec::new();
    for number in [
        settings.c_iflag,
        settings.c_oflag,
        settings.c_cflag,
        settings.c_lflag,
        speeds[0],
        speeds[1],
    ] {
        items.push(int::from_i64(ctx, number.into())?);
    }
    items.push(characters);
    list::from_vec(ctx, items)
}

fn tcsetattr(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let fd = descriptor_of(ctx, &args[0])?;
    let when = number(ctx, &args[1])?;
    let items = args[2].downcast::<PyList>().map(|list| list.to_vec(ctx));
    let Some(items) = items.filter(|items| items.len() == 7) else {
        return Err(raise!(
            ctx,
            TypeError,
            "tcsetattr, arg 3: must be 7 element list"
        ));
    };
    let mut settings = settings(ctx, fd)?;
    let mut numbers = [0; 6];
    for (number, item) in numbers.iter_mut().zip(&items) {
        *number = protocol::c_ssize(ctx, item)? as libc::tcflag_t;
    }
    let characters = items[6].downcast::<PyList>().map(|list| list.to_vec(ctx));
    let Some(characters) = characters.filter(|all| all.len() == libc::NCCS) else {
        return Err(raise!(
            ctx,
            TypeError,
            "tcsetattr: attributes[6] must be {} element list",
            libc::NCCS
        ));
    };
    for (place, character) in settings.c_cc.iter_mut().zip(&characters) {
        *place = match character.downcast::<PyBytes>().map(|bytes| bytes.data()) {
            Some([byte]) => *byte,
            None if int::view(character).is_some() => protocol::c_ssize(ctx, character)? as u8,
            _ => {
                return Err(raise!(
                    ctx,
                    TypeError,
                    "tcsetattr: elements of attributes must be characters or integers"
                ));
            }
        };
    }
    [
        settings.c_iflag,
        settings.c_oflag,
        settings.c_cflag,
        settings.c_lflag,
        _,
        _,
    ] = numbers;
    done(ctx, || {
        // SAFETY: they change the record, and the last reads it.
        unsafe {
            if libc::cfsetispeed(&raw mut settings, numbers[4]) != 0
                || libc::cfsetospeed(&raw mut settings, numbers[5]) != 0
            {
                return -1;
            }
            libc::tcsetattr(fd, when, &raw const settings).into()
        }
    })?;
    Ok(Obj::NONE)
}

macro_rules! with_number {
    ($name:ident) => {
        fn $name(ctx: &mut Ctx, args: Args<'_>) -> PyResult {
            args.check(ctx, stringify!($name), 2, 2)?;
            let fd = descriptor_of(ctx, &args.pos[0])?;
            let what = number(ctx, &args.pos[1])?;
            // SAFETY: only numbers.
            done(ctx, || unsafe { libc::$name(fd, what).into() })?;
            Ok(Obj::NONE)
        }
    };
}

with_number!(tcsendbreak);
with_number!(tcflush);
with_number!(tcflow);

fn tcdrain(ctx: &mut Ctx, fd: &Obj) -> PyResult {
    let fd = descriptor_of(ctx, fd)?;
    // SAFETY: only a number.
    done(ctx, || unsafe { libc::tcdrain(fd).into() })?;
    Ok(Obj::NONE)
}

fn tcgetwinsize(ctx: &mut Ctx, fd: &Obj) -> PyResult {
    let fd = descriptor_of(ctx, fd)?;
    // SAFETY: all of it are numbers.
    let mut size: libc::winsize = unsafe { std::mem::zeroed() };
    // SAFETY: it fills the record in.
    done(ctx, || unsafe {
        libc::ioctl(fd, libc::TIOCGWINSZ, &raw mut size).into()
    })?;
    let sides = [size.ws_row, size.ws_col].map(|side| Obj::small_int(side.into()));
    tuple::from_vec(ctx, sides.to_vec())
}

fn tcsetwinsize(ctx: &mut Ctx, args: &[Obj]) -> PyResult {
    let fd = descriptor_of(ctx, &args[0])?;
    let sides = protocol::collect(ctx, &args[1])?;
    let [rows, columns] = &sides[..] else {
        return Err(raise!(
            ctx,
            TypeError,
            "tcsetwinsize, arg 2: must be a two-item sequence"
        ));
    };
    // SAFETY: all of it are numbers.
    let mut size: libc::winsize = unsafe { std::mem::zeroed() };
    // SAFETY: it fills the record in.
    done(ctx, || unsafe {
        libc::ioctl(fd, libc::TIOCGWINSZ, &raw mut size).into()
    })?;
    for (place, side) in [(&mut size.ws_row, rows), (&mut size.ws_col, columns)] {
        let side = protocol::c_ssize(ctx, side)?;
        let Ok(side) = u16::try_from(side) else {
            return Err(raise!(ctx, OverflowError, "winsize value(s) out of range."));
        };
        *place = side;
    }
    // SAFETY: it reads the record.
    done(ctx, || unsafe {
        libc::ioctl(fd, libc::TIOCSWINSZ, &raw const size).into()
    })?;
    Ok(Obj::NONE)
}

const NUMBERS: &[(&str, i64)] = numbers! {
    B0 B50 B75 B110 B134 B150 B200 B300 B600 B1200 B1800 B2400 B4800 B9600 B19200 B38400 B57600 B115200 B230400
    B460800 B500000 B576000 B921600 B1000000 B1152000 B1500000 B2000000 B2500000 B3000000 B3500000 B4000000
    CSIZE CSTOPB CREAD PARENB PARODD HUPCL CLOCAL CRTSCTS CS5 CS6 CS7 CS8 CBAUD CBAUDEX CIBAUD CMSPAR EXTA EXTB
    IGNBRK BRKINT IGNPAR PARMRK INPCK ISTRIP INLCR IGNCR ICRNL IUCLC IXON IXANY IXOFF IMAXBEL IUTF8
    OPOST OLCUC ONLCR OCRNL ONOCR ONLRET OFILL OFDEL NLDLY CRDLY TABDLY BSDLY VTDLY FFDLY
    NL0 NL1 CR0 CR1 CR2 CR3 TAB0 TAB1 TAB2 TAB3 XTABS BS0 BS1 VT0 VT1 FF0 FF1
    ISIG ICANON XCASE ECHO ECHOE ECHOK ECHONL ECHOCTL ECHOPRT ECHOKE FLUSHO NOFLSH TOSTOP PENDIN IEXTEN EXTPROC
    TCSANOW TCSADRAIN TCSAFLUSH TCIFLUSH TCOFLUSH TCIOFLUSH TCOOFF TCOON TCIOFF TCION
    VINTR VQUIT VERASE VKILL VEOF VTIME VMIN VSWTC VSTART VSTOP VSUSP VEOL VREPRINT VDISCARD VWERASE VLNEXT VEOL2
    NCCS FIOCLEX FIONCLEX FIOASYNC FIONBIO FIONREAD TIOCEXCL TIOCNXCL TIOCSCTTY TIOCGPGRP TIOCSPGRP TIOCOUTQ TIOCSTI TIOCGWINSZ
    TIOCSWINSZ TIOCMGET TIOCMBIS TIOCMBIC TIOCMSET TIOCINQ TIOCCONS TIOCNOTTY TIOCM_LE TIOCM_DTR TIOCM_RTS TIOCM_ST TIOCM_SR
    TIOCM_CTS TIOCM_CAR TIOCM_CD TIOCM_RNG TIOCM_RI TIOCM_DSR TCGETS TCSETS TCSETSW TCSETSF TCGETA TCSETA TCSETAW TCSETAF TCSBRK TCXONC
    TCFLSH TCSBRKP IBSHIFT TIOCGETD TIOCGICOUNT TIOCGLCKTRMIOS TIOCGSERIAL TIOCGSOFTCAR TIOCLINUX TIOCMIWAIT TIOCPKT
    TIOCSERCONFIG TIOCSERGETLSR
    TIOCSERGETMULTI TIOCSERGSTRUCT TIOCSERGWILD TIOCSERSETMULTI TIOCSERSWILD TIOCSETD TIOCSLCKTRMIOS TIOCSSERIAL
    TIOCSSOFTCAR
};

/// What is typed for something at first, kinds of lines, and parts of the numbers of requests.
const MORE: &[(&str, i64)] = &[
    ("CDSUSP", 25),
    ("CEOF", 4),
    ("CEOL", 0),
    ("CEOT", 4),
    ("CERASE", 127),
    ("CFLUSH", 15),
    ("CINTR", 3),
    ("CKILL", 21),
    ("CLNEXT", 22),
    ("CQUIT", 28),
    ("CRPRNT", 18),
    ("CSTART", 17),
    ("CSTOP", 19),
    ("CSUSP", 26),
    ("CWERASE", 23),
    ("N_TTY", 0),
    ("N_SLIP", 1),
    ("N_MOUSE", 2),
    ("N_PPP", 3),
    ("N_STRIP", 4),
    ("TIOCPKT_DATA", 0),
    ("TIOCPKT_FLUSHREAD", 1),
    ("TIOCPKT_FLUSHWRITE", 2),
    ("TIOCPKT_STOP", 4),
    ("TIOCPKT_START", 8),
    ("TIOCPKT_NOSTOP", 16),
    ("TIOCPKT_DOSTOP", 32),
    ("TIOCSER_TEMT", 1),
    ("IOCSIZE_MASK", 0x3FFF_0000),
    ("IOCSIZE_SHIFT", 16),
    ("_POSIX_VDISABLE", 0),
    ("VSWTCH", libc::VSWTC as i64),
];

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    let error = error_class(ctx)?;
    support::add(ctx, module, "error", error)?;
    add_numbers(ctx, module, MORE)?;
    add_numbers(ctx, module, NUMBERS)
}

/// `termios`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "termios",
    functions: &[
        method("tcgetattr", Native::F1(tcgetattr)),
        method("tcsetattr", Native::FN(3, 3, tcsetattr)),
        method("tcsendbreak", Native::F(tcsendbreak)),
        method("tcdrain", Native::F1(tcdrain)),
        method("tcflush", Native::F(tcflush)),
        method("tcflow", Native::F(tcflow)),
        method("tcgetwinsize", Native::F1(tcgetwinsize)),
        method("tcsetwinsize", Native::FN(2, 2, tcsetwinsize)),
    ],
    types: &[],
    populate,
    doc: "How terminals treat what is typed and shown.",
};
