//! A language's operations, listed once: what decodes, lists, checks and weighs them derives from the list.

/// What is known of an operation. `R` says what role an operand plays, `U` what a unit behind the operation holds: the
/// language's own words for both.
#[derive(Clone, Copy, Debug)]
pub struct Info<R: 'static, U: 'static> {
    /// The operation's name in listings.
    pub name: &'static str,
    /// The roles of its three operands.
    pub operands: [R; 3],
    /// The operand units that follow.
    pub units: &'static [U],
    /// How many cache units follow those.
    pub cache: u8,
    /// What it costs of a budget of fuel: about what it takes, compared with a move.
    pub weight: u8,
    /// Whether control never reaches the next instruction.
    pub terminal: bool,
    /// What it does.
    pub doc: &'static str,
}

impl<R, U> Info<R, U> {
    /// Units that the instruction occupies: itself, operand units and caches.
    #[inline]
    pub const fn unit_count(&self) -> usize {
        1 + self.units.len() + self.cache as usize
    }
}

/// Makes of a list of operations an enum of them by number, the table of their [`Info`]s, and the list of all.
///
/// A row is the operation's documentation, its name as a variant and in listings, the roles of its operands, those of its
/// operand units, how many units of cache it has, its weight in fuel where it is not 1, and `end` where control does not go on. Two macros of
/// the language's say what its letters for roles and units stand for.
///
/// ```
/// #[derive(Clone, Copy, Debug, PartialEq)]
/// enum Role { Unused, Register, Target }
/// type Info = kit_core::code::Info<Role, ()>;
/// macro_rules! role { (_) => { Role::Unused }; (R) => { Role::Register }; (J) => { Role::Target } }
/// macro_rules! unit { (U) => { () } }
///
/// kit_core::operations! {
///     /// What a machine can do.
///     enum Op: Info, role, unit;
///     /// `r[a] = r[b] + r[c]`.
///     Add "ADD" (R R R) [] 1;
///     /// Goes on elsewhere.
///     Jump "JUMP" (J _ _) [] 0 * 2 end;
/// }
///
/// assert_eq!(Op::ALL[1], Op::Jump);
/// assert_eq!(Op::Add.info().operands, [Role::Register; 3]);
/// assert_eq!(Op::Add.info().unit_count(), 2);
/// assert!(Op::Jump.info().terminal && Op::Jump.info().weight == 2);
/// assert_eq!((Op::from_u8(0), Op::from_u8(2)), (Some(Op::Add), None));
/// ```
#[macro_export]
macro_rules! operations {
    (
        $(#[$about:meta])* $visibility:vis enum $op:ident: $info:ty, $role:ident, $unit_role:ident;
        $( $(#[doc = $doc:literal])+ $variant:ident $name:literal ($a:tt $b:tt $c:tt) [$($unit:tt)*] $cache:literal $(* $weight:literal)? $($end:ident)?; )+
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        $visibility enum $op {
            $( $(#[doc = $doc])+ $variant, )+
        }

        impl $op {
            /// Every operation, by number.
            $visibility const ALL: &'static [$op] = &[$($op::$variant),+];

            /// The rows, by number.
            $visibility const TABLE: &'static [$info] = &{
                // Not in place: each use of the constant would have a table of its own.
                static TABLE: &[$info] = &[
                    $( $crate::code::Info {
                        name: $name,
                        operands: [$role!($a), $role!($b), $role!($c)],
                        units: &[$($unit_role!($unit)),*],
                        cache: $cache,
                        weight: $crate::operations!(@weight $($weight)?),
                        terminal: $crate::operations!(@terminal $($end)?),
                        doc: concat!($($doc),+),
                    }, )+
                ];
                TABLE
            };

            /// What the table says of it.
            #[inline]
            $visibility fn info(self) -> &'static $info {
                &Self::TABLE[self as usize]
            }

            /// The operation with this number, if there is one.
            #[inline]
            $visibility fn from_u8(number: u8) -> Option<$op> {
                Self::ALL.get(usize::from(number)).copied()
            }
        }
    };
    (@weight) => { 1 };
    (@weight $weight:literal) => { $weight };
    (@terminal) => { false };
    (@terminal end) => { true };
}
