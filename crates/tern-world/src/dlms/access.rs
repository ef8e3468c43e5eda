//! Who may read, write and invoke: sets of clients.

/// In what standing a request reaches a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Client {
    /// The public association.
    Public,
    /// The low-level association.
    LowLevel,
    /// The high-level association.
    Management,
    /// The pre-established association.
    Critical,
    /// A request that an authorised party signed.
    Signed,
    /// A request that the party signed whose certificate is in charge of the device.
    InCharge,
}

/// A set of clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Clients(u8);

impl Clients {
    pub(crate) const NONE: Clients = Clients(0);
    pub(crate) const CRITICAL: Clients = Clients::of(Client::Critical);
    pub(crate) const MANAGEMENT: Clients = Clients::of(Client::Management);
    /// Whoever may sign.
    pub(crate) const SIGNED: Clients = Clients(Clients::of(Client::Signed).0 | Clients::IN_CHARGE.0);
    pub(crate) const IN_CHARGE: Clients = Clients::of(Client::InCharge);
    /// Whoever holds any key of the ESME, or its password.
    pub(crate) const HOLDERS: Clients = Clients(Clients::of(Client::LowLevel).0 | Clients::of(Client::Management).0);
    /// The holder of the association's keys, and whoever holds the master key.
    pub(crate) const OWNERS: Clients = Clients(Clients::MANAGEMENT.0 | Clients::CRITICAL.0);
    /// Everybody.
    pub(crate) const ALL: Clients =
        Clients(Clients::of(Client::Public).0 | Clients::HOLDERS.0 | Clients::CRITICAL.0 | Clients::SIGNED.0);

    const fn of(client: Client) -> Clients {
        Clients(1 << client as u8)
    }

    /// Whether a client is one of them.
    pub(crate) const fn has(self, client: Client) -> bool {
        self.0 & Clients::of(client).0 != 0
    }
}
