//! Whose something is: every command, id and request names its owner, and the directory knows the owner's group.

use marquee_ledger::command::HoldRequest;
use marquee_replication::GroupId;

use crate::catalog::Action;
use crate::directory::{DIRECTORY, View};
use crate::machine::Command;

/// Who decides about something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The group at hand, whichever it is.
    Here,
    /// The group that a venue is placed in; events and what else belongs to no venue have the number 0.
    Venue(u32),
    /// The group that has an account shard.
    Shard(u32),
    /// The directory's group.
    Directory,
}

impl Owner {
    /// The owner's group, as far as this node knows.
    #[must_use]
    pub fn group(self, view: &View, here: GroupId) -> GroupId {
        match self {
            Self::Here => here,
            Self::Venue(number) => view.group_of_venue(number),
            Self::Shard(shard) => view.group_of_shard(shard),
            Self::Directory => DIRECTORY,
        }
    }

    /// Who decides about a command.
    #[must_use]
    pub fn of(command: &Command) -> Self {
        match command {
            Command::Ledger(request) => of_ledger(&request.command),
            Command::Catalog { command, .. } => of_action(&command.action),
            Command::Accounts { command, .. } => Self::Shard(command.shard()),
            Command::Directory { .. } => Self::Directory,
        }
    }
}

fn of_ledger(command: &marquee_ledger::Command) -> Owner {
    use marquee_ledger::Command as Of;
    Owner::Venue(match command {
        Of::DefineLayout { hall, .. } => hall.owner(),
        Of::OpenPerformance { performance, .. }
        | Of::AmendPerformance { performance, .. }
        | Of::WithdrawPerformance { performance }
        | Of::CancelPerformance { performance, .. }
        | Of::CancelOrders { performance, .. }
        | Of::Kill { performance, .. }
        | Of::Revive { performance, .. }
        | Of::Hold(HoldRequest { performance, .. })
        | Of::Buy { hold: HoldRequest { performance, .. }, .. } => performance.owner(),
        Of::ReleaseHold { hold, .. } | Of::ExtendHold { hold, .. } => hold.owner(),
        Of::PlaceOrder(order) => order.hold.owner(),
        Of::SettlePayment { order, .. }
        | Of::CancelTickets { order, .. }
        | Of::RefundOrder { order, .. }
        | Of::SettleRefund { order, .. } => order.owner(),
        Of::TransferTicket { ticket, .. } => ticket.owner(),
        // Whoever names several orders names those of one venue.
        Of::Anonymise { orders } => match orders.first() {
            Some(order) => order.owner(),
            None => return Owner::Here,
        },
        Of::ExpireHolds { .. } | Of::FinishTasks { .. } => return Owner::Here,
    })
}

fn of_action(action: &Action) -> Owner {
    Owner::Venue(match action {
        Action::CreateVenue { number: Some(number), .. } => *number,
        Action::CreateVenue { number: None, .. } => return Owner::Here,
        Action::UpdateVenue { venue, .. } | Action::DeleteVenue { venue, .. } => venue.owner(),
        Action::CreateHall { venue, .. } => venue.owner(),
        Action::RenameHall { hall, .. }
        | Action::PutSeatMap { hall, .. }
        | Action::DeleteHall { hall, .. }
        | Action::CreatePerformance { hall, .. } => hall.owner(),
        // Events belong to no venue.
        Action::CreateEvents { .. } | Action::UpdateEvent { .. } | Action::DeleteEvent { .. } => 0,
        Action::UpdatePerformance { performance, .. }
        | Action::Reschedule { performance, .. }
        | Action::CancelPerformance { performance, .. }
        | Action::DeletePerformance { performance, .. } => performance.owner(),
    })
}
