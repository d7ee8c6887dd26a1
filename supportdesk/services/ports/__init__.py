"""What the services need from the outside, as Protocols. The store, channels and assistants fit these shapes."""

from supportdesk.services.ports.arrivals import Arrivals
from supportdesk.services.ports.decisions import Decisions
from supportdesk.services.ports.lead import Escalated, Figures, Learning
from supportdesk.services.ports.outside import Assistant, Clock, Delivery
from supportdesk.services.ports.reviews import Reviews
from supportdesk.services.ports.staff import Knowledge, People, Records
from supportdesk.services.ports.store import Store, Transaction
from supportdesk.services.ports.tickets import NewTicket, Tickets

__all__ = [
    "Arrivals",
    "Assistant",
    "Clock",
    "Decisions",
    "Delivery",
    "Escalated",
    "Figures",
    "Knowledge",
    "Learning",
    "NewTicket",
    "People",
    "Records",
    "Reviews",
    "Store",
    "Tickets",
    "Transaction",
]
