//! The line to the devices: calls go out pipelined on one connection, answers come back in any order, or not at all.

use std::collections::BTreeMap;
use std::io::{BufReader, BufWriter, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use tern_cohorts::Answer;
use tern_wire::device_frame::{read_frame, write_frame};
use tern_wire::device_link;

use super::in_process::Devices;
use crate::executor::Returned;
use crate::fault::ServiceFault;

/// A connection to the devices' side.
#[derive(Debug)]
pub struct DeviceLine {
    writer: BufWriter<TcpStream>,
    answers: Receiver<Result<device_link::Answer, String>>,
    /// By the call's own id: ticket and due time. A ticket asks many things, an id one.
    waiting: BTreeMap<u64, (u64, Instant)>,
    next_id: u64,
    timeout: Duration,
}

impl DeviceLine {
    /// Connects. An answer that takes longer than `timeout` counts as lost.
    ///
    /// # Errors
    /// Nobody listens there.
    pub fn connect(address: SocketAddr, timeout: Duration) -> Result<DeviceLine, ServiceFault> {
        let fault = |e: std::io::Error| ServiceFault::Devices(format!("{address}: {e}"));
        let stream = TcpStream::connect_timeout(&address, Duration::from_secs(5)).map_err(fault)?;
        stream.set_nodelay(true).map_err(fault)?;
        let reader = stream.try_clone().map_err(fault)?;
        let (sender, answers) = channel();
        std::thread::spawn(move || read_answers(reader, &sender));
        Ok(DeviceLine { writer: BufWriter::new(stream), answers, waiting: BTreeMap::new(), next_id: 0, timeout })
    }

    fn take(&mut self, got: Result<device_link::Answer, String>, into: &mut Vec<Returned>) -> Result<(), ServiceFault> {
        let answer = got.map_err(ServiceFault::Devices)?;
        // An answer that comes after its time has been counted as lost; what happened has been probed since.
        if let Some((ticket, _)) = self.waiting.remove(&answer.id) {
            into.push(Returned { ticket, answer: Some(Answer::Device(answer.result)) });
        }
        Ok(())
    }

    fn expire(&mut self, into: &mut Vec<Returned>) {
        let now = Instant::now();
        let lost: Vec<u64> = self.waiting.iter().filter(|(_, (_, due))| *due <= now).map(|(id, _)| *id).collect();
        for (ticket, _) in lost.iter().filter_map(|id| self.waiting.remove(id)) {
            into.push(Returned { ticket, answer: None });
        }
    }
}

impl Devices for DeviceLine {
    fn call(&mut self, calls: Vec<device_link::Call>) -> Result<(), ServiceFault> {
        for call in calls {
            let (ticket, id) = (call.id, self.next_id);
            self.next_id += 1;
            let call = device_link::Call { id, ..call };
            let body = serde_json::to_vec(&call).map_err(ServiceFault::body)?;
            write_frame(&mut self.writer, &body).map_err(|e| ServiceFault::Devices(e.to_string()))?;
            self.waiting.insert(id, (ticket, Instant::now() + self.timeout));
        }
        self.writer.flush().map_err(|e| ServiceFault::Devices(e.to_string()))
    }

    fn collect(&mut self, wait: bool) -> Result<Vec<Returned>, ServiceFault> {
        let mut returned = Vec::new();
        loop {
            while let Ok(got) = self.answers.try_recv() {
                self.take(got, &mut returned)?;
            }
            self.expire(&mut returned);
            let Some(due) = self.waiting.values().map(|(_, due)| *due).min() else { return Ok(returned) };
            if !wait || !returned.is_empty() {
                return Ok(returned);
            }
            match self.answers.recv_timeout(due.saturating_duration_since(Instant::now())) {
                Ok(got) => self.take(got, &mut returned)?,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(ServiceFault::Devices("the connection ended".to_owned()));
                }
            }
        }
    }
}

impl Drop for DeviceLine {
    fn drop(&mut self) {
        // The reader ends when the connection does; whether the peer still hears this is of no importance.
        drop(self.writer.get_ref().shutdown(std::net::Shutdown::Both));
    }
}

fn read_answers(stream: TcpStream, sender: &Sender<Result<device_link::Answer, String>>) {
    let mut reader = BufReader::new(stream);
    let mut frame = Vec::new();
    loop {
        let got = match read_frame(&mut reader, &mut frame) {
            Ok(true) => serde_json::from_slice(&frame).map_err(|e| format!("a frame that is no answer: {e}")),
            Ok(false) => Err("the devices' side closed the connection".to_owned()),
            Err(e) => Err(e.to_string()),
        };
        let ended = got.is_err();
        if sender.send(got).is_err() || ended {
            return;
        }
    }
}
