//! What conversations say: DNS, the beginning of TLS, HTTP.

/// A question about the IPv4 address of a name (RFC 1035).
pub fn dns_question(id: u16, name: &str) -> Vec<u8> {
    let mut made = id.to_be_bytes().to_vec();
    made.extend([1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    made.extend(dns_name(name));
    made.extend([0, 1, 0, 1]);
    made
}

/// The answer to [`dns_question`], valid for five minutes.
pub fn dns_answer(id: u16, name: &str, address: [u8; 4]) -> Vec<u8> {
    let mut made = id.to_be_bytes().to_vec();
    made.extend([0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
    made.extend(dns_name(name));
    made.extend([0, 1, 0, 1]);
    // The name again, by a pointer to the question's.
    made.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4]);
    made.extend(address);
    made
}

fn dns_name(name: &str) -> Vec<u8> {
    let mut made = Vec::new();
    for label in name.split('.') {
        made.push(u8::try_from(label.len()).unwrap_or_default());
        made.extend(label.bytes());
    }
    made.push(0);
    made
}

/// The first message of TLS 1.3 from a client that asks for this name (RFC 8446, RFC 6066, RFC 7301).
pub fn client_hello(name: &str, random: [u8; 32]) -> Vec<u8> {
    let extension = |kind: u16, body: &[u8]| [&kind.to_be_bytes()[..], &counted16(body)].concat();
    let server = [&[0][..], &counted16(name.as_bytes())].concat();
    let extensions = [
        extension(0, &counted16(&server)),
        extension(10, &counted16(&[0, 29, 0, 23])),
        extension(11, &[1, 0]),
        extension(13, &counted16(&[4, 3, 8, 4, 4, 1])),
        extension(16, &counted16(b"\x02h2\x08http/1.1")),
        extension(43, &[2, 3, 4]),
    ];
    let mut hello = vec![3, 3];
    hello.extend(random);
    hello.push(0);
    hello.extend(counted16(&[0x13, 1, 0x13, 2, 0xc0, 0x2b, 0xc0, 0x2f]));
    hello.extend([1, 0]);
    hello.extend(counted16(&extensions.concat()));
    handshake(1, &hello)
}

/// The server's answer, which chooses the first suite.
pub fn server_hello(random: [u8; 32]) -> Vec<u8> {
    let mut hello = vec![3, 3];
    hello.extend(random);
    hello.extend([0, 0x13, 1, 0]);
    hello.extend(counted16(&[0, 43, 0, 2, 3, 4]));
    handshake(2, &hello)
}

/// A record of data that TLS has encrypted.
pub fn encrypted(bytes: &[u8]) -> Vec<u8> {
    [&[23, 3, 3][..], &counted16(bytes)].concat()
}

fn handshake(kind: u8, body: &[u8]) -> Vec<u8> {
    // Three bytes of length, of which these messages need two.
    let message = [&[kind, 0][..], &counted16(body)].concat();
    [&[22, 3, 1][..], &counted16(&message)].concat()
}

/// The bytes, and before them how many they are.
fn counted16(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or_default();
    [&length.to_be_bytes()[..], bytes].concat()
}

/// A request of HTTP without a body (RFC 9112).
pub fn http_request(host: &str, path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: browser/1.0\r\nAccept: */*\r\n\r\n").into_bytes()
}

/// An answer of HTTP with a body.
pub fn http_response(media_type: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}
