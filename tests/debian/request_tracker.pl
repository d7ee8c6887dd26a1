# Fills a fresh Request Tracker with one ticket and prints a token for its API.
use strict; use warnings;
use lib '/usr/share/request-tracker5/lib';
use RT; RT::LoadConfig(); RT::Init();
use RT::Ticket; use RT::AuthToken; use RT::User; use MIME::Entity;
my $current = RT::CurrentUser->new(RT->SystemUser); $current->Load('root');
my $token = RT::AuthToken->new($current);
my ($made, $why, $string) = $token->Create(Owner => $current->Id, Description => 'test');
die $why unless $made;
RT::User->new(RT->SystemUser)->LoadOrCreateByEmail('anna@example.org');
my $mail = MIME::Entity->build(From => 'Anna Wolf <anna@example.org>', To => 'support@test.example',
    Subject => 'Charged twice in March', 'Message-ID' => '<anna-1@example.org>', Type => 'text/plain',
    Charset => 'UTF-8', Data => ["I was charged twice, 2 x 49 EUR.\n"]);
$mail->attach(Type => 'application/pdf', Filename => 'statement.pdf', Data => ['%PDF-1.4 statement'],
    Encoding => 'base64');
my $ticket = RT::Ticket->new($current);
my ($id, undef, $trouble) = $ticket->Create(Queue => 'General', Subject => 'Charged twice in March',
    Requestor => 'anna@example.org', MIMEObj => $mail, Priority => 60);
die $trouble unless $id;
$ticket->Comment(Content => 'Gateway shows one settled, one pending.');
$ticket->Correspond(Content => 'Could you send the order number?');
$ticket->SetStatus('stalled');
print "$string\n";
