//! `_json`: the fast halves of the library's `json`.
//!
//! | file      | what                                   |
//! |-----------|----------------------------------------|
//! | `scanner` | from text to values                    |
//! | `string`  | strings, read and written              |
//! | `encoder` | from values to text                    |

mod encoder;
mod scanner;
mod string;

use crate::error::{PyResult, Raised, raise};
use crate::object::define::{Method, ModuleDef, Native, method};
use crate::object::obj::Obj;
use crate::object::{protocol, str_};
use crate::text::wtf8::{Wtf8, Wtf8Buf};
use kit_core::thread::Ctx;

fn expect_text<'a>(ctx: &mut Ctx, x: &'a Obj) -> PyResult<&'a Wtf8> {
    match str_::text_of(x) {
        Some(text) => Ok(text),
        None => {
            let class = protocol::type_name(ctx, x);
            Err(raise!(
                ctx,
                TypeError,
                "first argument must be a string, not {class}"
            ))
        }
    }
}

/// What stops a scan.
enum Stop {
    /// An exception is stored.
    Raised(Raised),
    /// The text is wrong: the message, and the place in bytes.
    Wrong(&'static str, usize),
    /// There is no value at this place.
    NoValue(usize),
}

impl From<Raised> for Stop {
    fn from(raised: Raised) -> Stop {
        Stop::Raised(raised)
    }
}

/// Stores the exception of what stopped a scan of `document`.
#[cold]
fn stopped(ctx: &mut Ctx, document: &Obj, stop: Stop) -> Raised {
    let place = |at: usize| {
        let text = str_::text_of(document).unwrap_or(Wtf8::from_str(""));
        text.char_index(at, text.is_ascii()) as i64
    };
    match stop {
        Stop::Raised(raised) => raised,
        Stop::NoValue(at) => {
            let at = Obj::small_int(place(at));
            crate::object::exception::raise_args(
                ctx,
                crate::object::exception::class::StopIteration,
                vec![at],
            )
        }
        Stop::Wrong(message, at) => {
            let at = Obj::small_int(place(at));
            match decode_error(ctx, document, message, at) {
                Ok(error) => crate::object::exception::raise(ctx, error),
                Err(raised) => raised,
            }
        }
    }
}

fn decode_error(ctx: &mut Ctx, document: &Obj, message: &str, at: Obj) -> PyResult {
    let module = super::import::load(ctx, "json.decoder")?;
    let class = protocol::getattr_str(ctx, &module, "JSONDecodeError")?;
    let message = str_::new(ctx, message)?;
    protocol::call(ctx, &class, &[message, document.clone(), at])
}

fn encode_ascii(ctx: &mut Ctx, x: &Obj) -> PyResult {
    encode(ctx, x, true)
}

fn encode_plain(ctx: &mut Ctx, x: &Obj) -> PyResult {
    encode(ctx, x, false)
}

fn encode(ctx: &mut Ctx, x: &Obj, ascii: bool) -> PyResult {
    let text = expect_text(ctx, x)?;
    let mut output = Wtf8Buf::new();
    string::write(ctx, &mut output, text, ascii)?;
    str_::from_buf(ctx, output)
}

static FUNCTIONS: [Method; 3] = [
    method("encode_basestring_ascii", Native::F1(encode_ascii)),
    method("encode_basestring", Native::F1(encode_plain)),
    method("scanstring", Native::FN(2, 3, string::scanstring)),
];

fn populate(ctx: &mut Ctx, module: &Obj) -> PyResult<()> {
    use crate::object::ids;
    use crate::object::type_::type_object;
    let classes = [
        ("make_scanner", ids::JSON_SCANNER),
        ("make_encoder", ids::JSON_ENCODER),
    ];
    for (name, id) in classes {
        let class = type_object(ctx, id);
        super::support::add(ctx, module, name, class)?;
    }
    Ok(())
}

/// `_json`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_json",
    functions: &FUNCTIONS,
    types: &[&scanner::SCANNER, &encoder::ENCODER_TYPE],
    populate,
    doc: "The fast halves of json.",
};
