//! Image transfer against a server that loses answers: whatever is lost, no block is guessed, and the image arrives whole.

use tern_dlms::apdu::ActionResult;
use tern_dlms::client::image::{ImageError, ImageServer, ImageTransfer, Stage};
use tern_dlms::client::{ClientError, Doubt, Refusal};
use tern_dlms::cosem::Shape;
use tern_dlms::cosem::image_transfer::{self as class, ImageBlock, ImageToActivate, ImageTransferInitiate};
use tern_dlms::{AttributeDescriptor, Data, LogicalName, MethodDescriptor};

const OBJECT: LogicalName = LogicalName::new(0, 0, 44, 0, 0, 255);
const BLOCK: usize = 16;

/// A server that keeps an image in blocks, and whose n-th exchange may be lost.
#[derive(Default)]
struct Meter {
    wanted: Option<ImageTransferInitiate>,
    blocks: Vec<Option<Vec<u8>>>,
    status: u8,
    good: Vec<u8>,
    exchanges: usize,
    /// This exchange is carried out, and its answer lost.
    loses: Option<usize>,
    /// Each block, as often as it came.
    came: Vec<usize>,
    /// Verification takes so many askings.
    patience: usize,
}

impl Meter {
    fn exchange<R>(&mut self, answer: Result<R, ClientError>) -> Result<R, ClientError> {
        self.exchanges += 1;
        if self.loses == Some(self.exchanges) { Err(Doubt::Closed.into()) } else { answer }
    }

    fn act(&mut self, method: i8, parameter: &Data) -> Result<(), ClientError> {
        let refused = |result| Err(Refusal::Action(result).into());
        match method {
            class::TRANSFER_INITIATE => {
                let wanted = ImageTransferInitiate::of_data(parameter).expect("a parameter");
                self.blocks = vec![None; (wanted.size as usize).div_ceil(BLOCK)];
                self.came = vec![0; self.blocks.len()];
                (self.wanted, self.status) = (Some(wanted), 1);
            }
            class::BLOCK_TRANSFER => {
                let ImageBlock { number, value } = ImageBlock::of_data(parameter).expect("a parameter");
                self.came[number as usize] += 1;
                self.blocks[number as usize] = Some(value);
            }
            class::VERIFY if self.patience > 0 => {
                self.status = 2;
                return refused(ActionResult::TemporaryFailure);
            }
            class::VERIFY => self.verify(),
            class::ACTIVATE if self.status == 3 => self.status = 6,
            _ => return refused(ActionResult::OtherReason),
        }
        Ok(())
    }

    fn verify(&mut self) {
        let whole: Vec<u8> = self.blocks.iter().flatten().flatten().copied().collect();
        self.status = if whole == self.good { 3 } else { 4 };
    }
}

impl ImageServer for Meter {
    fn read(&mut self, attribute: AttributeDescriptor) -> Result<Data, ClientError> {
        if self.status == 2 {
            self.patience -= 1;
            if self.patience == 0 {
                self.verify();
            }
        }
        let first = self.blocks.iter().position(Option::is_none).unwrap_or(self.blocks.len());
        let ready = self.wanted.iter().filter(|_| self.status == 3).map(|wanted| ImageToActivate {
            size: wanted.size,
            identification: wanted.identifier.clone(),
            signature: Vec::new(),
        });
        let value = match attribute.attribute {
            class::IMAGE_BLOCK_SIZE => Data::DoubleLongUnsigned(16),
            class::IMAGE_FIRST_NOT_TRANSFERRED_BLOCK_NUMBER => {
                Data::DoubleLongUnsigned(u32::try_from(first).expect("few"))
            }
            class::IMAGE_TRANSFER_ENABLED => Data::Boolean(true),
            class::IMAGE_TRANSFER_STATUS => Data::Enum(self.status),
            class::IMAGE_TO_ACTIVATE_INFO => ready.collect::<Vec<_>>().to_data(),
            other => panic!("attribute {other}"),
        };
        self.exchange(Ok(value))
    }

    fn invoke(&mut self, method: MethodDescriptor, parameter: Data) -> Result<(), ClientError> {
        let done = self.act(method.method, &parameter);
        self.exchange(done)
    }
}

fn image() -> Vec<u8> {
    (0..100u8).collect()
}

/// Transfers and activates, again after each loss; gives how often it was begun again.
fn through(meter: &mut Meter, image: &[u8]) -> usize {
    let mut again = 0;
    let mut transfer = ImageTransfer::new(OBJECT, b"FW 2", image);
    loop {
        let stage = match transfer.transfer(meter, &mut |_| {}) {
            Ok(Stage::Verified) => transfer.activate(meter),
            told => told,
        };
        match stage {
            Ok(Stage::Activated) => return again,
            Ok(Stage::Verifying | Stage::Activating) => {}
            Ok(stage) => panic!("{stage:?}"),
            Err(ImageError::Client(ClientError::Unknown(_))) => {
                again += 1;
                // A client that crashed remembers no more than whether it began.
                transfer = match meter.wanted {
                    Some(_) => ImageTransfer::begun(OBJECT, b"FW 2", image),
                    None => ImageTransfer::new(OBJECT, b"FW 2", image),
                };
            }
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn whichever_answer_is_lost_the_image_arrives_and_no_block_comes_twice() {
    let mut meter = Meter { good: image(), ..Meter::default() };
    assert_eq!(through(&mut meter, &image()), 0);
    let exchanges = meter.exchanges;
    assert!(exchanges > 15, "{exchanges}");
    for lost in 1..=exchanges {
        let mut meter = Meter { good: image(), loses: Some(lost), ..Meter::default() };
        assert_eq!(through(&mut meter, &image()), 1, "exchange {lost}");
        assert_eq!(meter.status, 6);
        assert_eq!(meter.came, vec![1; 7], "exchange {lost}");
    }
}

#[test]
fn a_server_that_takes_its_time_is_asked_again() {
    let mut meter = Meter { good: image(), patience: 3, ..Meter::default() };
    assert_eq!(through(&mut meter, &image()), 0);
}

#[test]
fn an_image_that_the_server_does_not_accept_is_never_activated() {
    let mut meter = Meter { good: vec![0; 100], ..Meter::default() };
    let mut transfer = ImageTransfer::new(OBJECT, b"FW 2", b"not that image");
    assert!(matches!(transfer.transfer(&mut meter, &mut |_| {}), Err(ImageError::NotVerified)));
    assert!(matches!(transfer.activate(&mut meter), Err(ImageError::NotVerified)));
    assert_eq!(meter.status, 4);
}

#[test]
fn another_image_that_the_server_has_verified_is_not_activated_for_this_one() {
    let mut meter = Meter { good: image(), ..Meter::default() };
    ImageTransfer::new(OBJECT, b"FW 1", &image()).transfer(&mut meter, &mut |_| {}).expect("verified");
    let ours = image();
    let transfer = ImageTransfer::begun(OBJECT, b"FW 2", &ours);
    assert!(matches!(transfer.activate(&mut meter), Err(ImageError::Another)));
    assert_eq!(meter.status, 3);
}
