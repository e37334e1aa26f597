//! stub until merge
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Operator;
impl Operator {
    pub fn parse(_t: &str) -> Option<Operator> {
        Some(Operator)
    }
    pub fn suggest(_t: &str) -> Option<String> {
        None
    }
}
