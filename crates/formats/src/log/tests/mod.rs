//! What records of each family are.

use super::*;
