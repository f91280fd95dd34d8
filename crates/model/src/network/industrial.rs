//! What machines are told: Modbus and DNP3.

use crate::Untrusted;
use serde::{Serialize, Serializer};
use std::fmt;

/// A request of Modbus over TCP and its answer (Modbus Application Protocol 1.1b3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Modbus {
    /// What question and answer share.
    pub transaction: u16,
    /// Which device behind the address.
    pub unit: u8,
    /// What is to be done.
    pub function: ModbusFunction,
    /// Whether the question was captured.
    pub asked: bool,
    /// The first coil or register that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<u16>,
    /// How many of them; of a single one, what is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<u16>,
    /// The frame of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_frame: Option<u64>,
    /// Why it was not done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exception: Option<ModbusException>,
    /// What a device says of itself: vendor, product, version.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub identification: Vec<Untrusted>,
}

/// What a device is to do, by its number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModbusFunction(pub u8);

impl ModbusFunction {
    /// Its name, where it has one.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0x01 => "READ_COILS",
            0x02 => "READ_DISCRETE_INPUTS",
            0x03 => "READ_HOLDING_REGISTERS",
            0x04 => "READ_INPUT_REGISTERS",
            0x05 => "WRITE_SINGLE_COIL",
            0x06 => "WRITE_SINGLE_REGISTER",
            0x07 => "READ_EXCEPTION_STATUS",
            0x08 => "DIAGNOSTICS",
            0x0b => "GET_COMM_EVENT_COUNTER",
            0x0c => "GET_COMM_EVENT_LOG",
            0x0f => "WRITE_MULTIPLE_COILS",
            0x10 => "WRITE_MULTIPLE_REGISTERS",
            0x11 => "REPORT_SLAVE_ID",
            0x14 => "READ_FILE_RECORD",
            0x15 => "WRITE_FILE_RECORD",
            0x16 => "MASK_WRITE_REGISTER",
            0x17 => "READ_WRITE_MULTIPLE_REGISTERS",
            0x18 => "READ_FIFO_QUEUE",
            0x2b => "ENCAP_INTERFACE_TRANSPORT",
            0x5a => "PROGRAM_UNITY",
            _ => return None,
        })
    }

    /// Whether it changes what a machine does.
    pub const fn writes(self) -> bool {
        matches!(self.0, 0x05 | 0x06 | 0x0f | 0x10 | 0x15..=0x17 | 0x5a)
    }
}

/// The name, or `unknown-` and the number.
impl fmt::Display for ModbusFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "unknown-{}", self.0),
        }
    }
}

impl Serialize for ModbusFunction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Why a device did not do what it was told, by its number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModbusException(pub u8);

impl ModbusException {
    /// Its name, where it has one.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            1 => "ILLEGAL_FUNCTION",
            2 => "ILLEGAL_DATA_ADDRESS",
            3 => "ILLEGAL_DATA_VALUE",
            4 => "SLAVE_DEVICE_FAILURE",
            5 => "ACKNOWLEDGE",
            6 => "SLAVE_DEVICE_BUSY",
            8 => "MEMORY_PARITY_ERROR",
            10 => "GATEWAY_PATH_UNAVAILABLE",
            11 => "GATEWAY_TARGET_DEVICE_FAILED_TO_RESPOND",
            _ => return None,
        })
    }
}

/// The name, or `unknown-` and the number.
impl fmt::Display for ModbusException {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "unknown-{}", self.0),
        }
    }
}

impl Serialize for ModbusException {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A request of DNP3 and its answer (IEEE 1815), or what an outstation says unasked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Dnp3 {
    /// Who asks, by its number on the link.
    pub master: u16,
    /// Who answers.
    pub outstation: u16,
    /// What is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked: Option<Dnp3Function>,
    /// What is answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Dnp3Function>,
    /// The frame of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer_frame: Option<u64>,
    /// What the outstation says of its state, a bit each: 0x8000 that it was started anew (IEEE 1815 4.5).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub indications: Option<u16>,
    /// Frames so far whose checksums are wrong. What they say is left out.
    pub damaged: u32,
}

/// What is asked or answered, by its number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dnp3Function(pub u8);

impl Dnp3Function {
    /// Its name, where it has one.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0x00 => "CONFIRM",
            0x01 => "READ",
            0x02 => "WRITE",
            0x03 => "SELECT",
            0x04 => "OPERATE",
            0x05 => "DIRECT_OPERATE",
            0x06 => "DIRECT_OPERATE_NR",
            0x07 => "IMMED_FREEZE",
            0x08 => "IMMED_FREEZE_NR",
            0x09 => "FREEZE_CLEAR",
            0x0a => "FREEZE_CLEAR_NR",
            0x0b => "FREEZE_AT_TIME",
            0x0c => "FREEZE_AT_TIME_NR",
            0x0d => "COLD_RESTART",
            0x0e => "WARM_RESTART",
            0x0f => "INITIALIZE_DATA",
            0x10 => "INITIALIZE_APPL",
            0x11 => "START_APPL",
            0x12 => "STOP_APPL",
            0x13 => "SAVE_CONFIG",
            0x14 => "ENABLE_UNSOLICITED",
            0x15 => "DISABLE_UNSOLICITED",
            0x16 => "ASSIGN_CLASS",
            0x17 => "DELAY_MEASURE",
            0x18 => "RECORD_CURRENT_TIME",
            0x19 => "OPEN_FILE",
            0x1a => "CLOSE_FILE",
            0x1b => "DELETE_FILE",
            0x1c => "GET_FILE_INFO",
            0x1d => "AUTHENTICATE_FILE",
            0x1e => "ABORT_FILE",
            0x1f => "ACTIVATE_CONFIG",
            0x20 => "AUTHENTICATE_REQ",
            0x21 => "AUTHENTICATE_ERR",
            0x81 => "RESPONSE",
            0x82 => "UNSOLICITED_RESPONSE",
            0x83 => "AUTHENTICATE_RESP",
            _ => return None,
        })
    }

    /// Whether it changes what a machine does.
    pub const fn writes(self) -> bool {
        matches!(self.0, 0x02 | 0x04..=0x06 | 0x0d..=0x13 | 0x1b | 0x1f)
    }
}

/// The name, or `unknown-` and the number.
impl fmt::Display for Dnp3Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "unknown-{}", self.0),
        }
    }
}

impl Serialize for Dnp3Function {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
