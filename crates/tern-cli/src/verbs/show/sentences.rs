//! What a message says, in sentences. All words of services and codes come from the registry and the table of codes.

use tern_requests::codes::{REASONS, meaning};
use tern_requests::{command_variant, find};
use tern_wire::duis::{Element, Root, body_of, payload_of};

/// Values of a message that are told beside its sentences, at most.
const VALUES_MAX: usize = 40;
/// A longer value is told by its length.
const VALUE_MAX_CHARS: usize = 80;

/// The sentences of a message.
pub fn of(root: Root, message: Element<'_>) -> Vec<String> {
    match root {
        Root::Request => request(message),
        Root::Response => response(message),
        Root::Smets1SignedResponse => smets1(message),
        Root::S1spAlert => alert(message),
    }
}

fn text<'t>(message: Element<'t>, path: &str) -> &'t str {
    message.text_at(path).unwrap_or_default()
}

fn service(number: &str) -> String {
    find(number).map_or_else(|| number.to_owned(), |srv| format!("{number} {}", srv.name))
}

fn request(message: Element<'_>) -> Vec<String> {
    let id = text(message, "Header/RequestID");
    let mut parts = id.split(':');
    let (user, target, counter) = (parts.next(), parts.next(), parts.next());
    let srv = text(message, "Header/ServiceReferenceVariant");
    let critical = if find(srv).is_some_and(|srv| srv.critical) { ", which is critical" } else { "" };
    let number = text(message, "Header/CommandVariant");
    let row = number.parse().ok().and_then(command_variant::find);
    let variant = row.map_or_else(String::new, |row| format!(" ({})", row.words));
    let mut lines = vec![
        format!("{} asks {} for {}{critical}.", user.unwrap_or_default(), target.unwrap_or_default(), service(srv)),
        format!("Command Variant {number}{variant}, counter {}.", counter.unwrap_or_default()),
    ];
    lines.extend(message.child("Body").and_then(Element::first).map(asked).unwrap_or_default());
    lines
}

/// What an element asks for, or the pre-command that it is.
fn asked(element: Element<'_>) -> Vec<String> {
    let Some(payload) = payload_of(element) else { return values(element) };
    let body = body_of(element);
    let Some(inside) = body.as_ref().and_then(|body| body.root().first()) else {
        return vec![format!("{}: its payload is no Body of a request; {} bytes.", element.name(), payload.len())];
    };
    let later = element.text_at("ExecutionDateTime").map_or_else(String::new, |moment| format!(" at {moment}"));
    let mut lines = vec![format!("{}: it asks for {}{later}.", element.name(), inside.name())];
    lines.extend(values(inside));
    lines
}

fn response(message: Element<'_>) -> Vec<String> {
    let code = text(message, "Header/ResponseCode");
    let means = meaning(code).map_or_else(|| unconfirmed(code), str::to_owned);
    let mut lines = vec![format!("{code}: {means}. At {}.", text(message, "Header/ResponseDateTime"))];
    if let Some(id) = message.text_at("Header/RequestID") {
        lines.push(format!("It answers the request {id}."));
    }
    let Some(body) = message.child("Body").and_then(Element::first) else { return lines };
    match body.name() {
        "SMETS1ResponseMessage" => {
            lines.push("It carries what an S1SP signed:".to_owned());
            lines.extend(body.child("SMETS1SignedResponse").map(smets1).unwrap_or_default());
        }
        "DCCAlertMessage" => {
            lines.push(format!("A DCC Alert, {}.", text(body, "DCCAlertCode")));
            match body.at("DCCAlert/S1SPAlertDSP/S1SPAlert") {
                Some(inner) => lines.extend(alert(inner)),
                None => lines.extend(body.at("DCCAlert").map(values).unwrap_or_default()),
            }
        }
        _ => {
            if let Some(srv) = body.text_at("ServiceReferenceVariant") {
                lines.push(format!("Of the service {}.", service(srv)));
            }
            lines.extend(body.children().filter(|part| !part.name().starts_with("ServiceReference")).flat_map(asked));
        }
    }
    lines
}

/// What is known of a code whose meaning no public page says: why Tern tells it.
fn unconfirmed(code: &str) -> String {
    let told: Vec<_> = REASONS.iter().filter(|row| row.code == code).map(|row| row.key).collect();
    match told.as_slice() {
        [] => "no meaning is confirmed".to_owned(),
        told => format!("no meaning is confirmed; Tern tells it of {} (`tern explain {code}`)", told.join(", ")),
    }
}

fn smets1(message: Element<'_>) -> Vec<String> {
    let header = |name: &str| text(message, &format!("SMETS1Response/Header/{name}"));
    let srv = header("ServiceReferenceVariant");
    let data = message.at("SMETS1Response/Body/ResponseMessage/SMETSData").and_then(Element::first);
    let success = data.and_then(|data| data.attribute("MessageSuccess"));
    let done = match success {
        Some("true" | "1") => "did",
        Some(_) => "did not do",
        None => "answers to",
    };
    let (device, user) = (header("BusinessOriginatorID"), header("BusinessTargetID"));
    if let Some(alert) = message.at("SMETS1Response/Body/DeviceAlertMessage") {
        let counter = header("OriginatorCounter");
        let mut lines = vec![format!("{device} has an alert for {user}, counter {counter}.")];
        lines.extend(values(alert));
        return lines;
    }
    let mut lines = vec![format!(
        "{device} {done} what {user} asked for: {}, counter {}.",
        service(srv),
        header("OriginatorCounter")
    )];
    lines.extend(data.map(values).unwrap_or_default());
    lines
}

fn alert(message: Element<'_>) -> Vec<String> {
    let code = text(message, "S1SPAlertCode");
    let row = REASONS.iter().find(|row| row.code == code);
    let means = row.map_or_else(|| "no meaning is known".to_owned(), |row| row.meaning.to_owned());
    let mut lines = vec![format!("An S1SP reports {code}: {means}. At {}.", text(message, "DateTime"))];
    if let Some(device) = message.text_at("DeviceID") {
        lines.push(format!("It is about the device {device}."));
    }
    if let Some(id) = message.text_at("RequestID") {
        lines.push(format!("It is about the request {id}."));
    }
    lines.extend(message.text_at("AdditionalInformation").map(|words| format!("It says: {words}")));
    lines.extend(row.map(|row| format!("Next: {}.", row.suggestion)));
    lines
}

/// The values below an element, each with its path.
fn values(element: Element<'_>) -> Vec<String> {
    let mut found = Vec::new();
    collect(element, element.name(), &mut found);
    let more = found.len().saturating_sub(VALUES_MAX);
    found.truncate(VALUES_MAX);
    if more > 0 {
        found.push(format!("and {more} more; --json has all"));
    }
    found
}

fn collect(element: Element<'_>, path: &str, found: &mut Vec<String>) {
    let mut is_leaf = true;
    for child in element.children() {
        is_leaf = false;
        collect(child, &format!("{path}/{}", child.name()), found);
    }
    let text = element.text();
    if is_leaf && !text.is_empty() {
        let long = text.chars().count() > VALUE_MAX_CHARS;
        let told = if long { format!("{} characters", text.chars().count()) } else { text.to_owned() };
        let index = element.attribute("index").map_or_else(String::new, |index| format!("[{index}]"));
        found.push(format!("{path}{index} = {told}"));
    }
}
