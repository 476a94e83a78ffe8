import base64
import email.header
import email.policy
import quopri
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import TooLargeError, UnreadableError
from corpus.media_types import MAIL, MBOX, TEXT
from corpus.parsers import ParseLimits, ParseOptions, parse
from corpus.text import canonical
from corpus.types import Attachment
from tests.corpus.container_files import mail_of, mbox_of
from tests.hostile_text import raw_texts

_HEAD = b"From: a@b.example\nSubject: Pumps\n"


def mail(rest, name="mail.eml", **options):
    return parse(_HEAD + rest, name, ParseOptions(**options))


def body(document):
    return document.text.removeprefix("Subject: Pumps\nFrom: a@b.example").strip("\n")


def test_a_mail_begins_with_what_people_read_of_its_header():
    document = parse(
        mail_of(
            "Hello Ben,\n\nthe pump stops at noon.\n\n> When does it stop?\n",
            Subject="Pump 7",
            From="Ann Lee <ann@b.example>",
            To="ben@b.example, cy@b.example",
            Cc="dan@b.example",
            Date="Mon, 16 Dec 2024 10:30:00 -0500",
            Message_ID="<1@b.example>",
        ),
        "mail.eml",
    )
    assert document.media_type == MAIL
    assert document.title == "Pump 7"
    assert document.text == (
        "Subject: Pump 7\nFrom: Ann Lee <ann@b.example>\nTo: ben@b.example, cy@b.example\nCc: dan@b.example\n"
        "Date: Mon, 16 Dec 2024 10:30:00 -0500\n\nHello Ben,\n\nthe pump stops at noon.\n\n> When does it stop?"
    )
    assert document.metadata == {
        "from": "Ann Lee <ann@b.example>",
        "to": "ben@b.example, cy@b.example",
        "cc": "dan@b.example",
        "date": "2024-12-16T10:30:00-05:00",
        "subject": "Pump 7",
        "message_id": "<1@b.example>",
        "language": "en",
    }
    assert document.attachments == document.losses == ()


@pytest.mark.parametrize(
    ("header", "title"),
    [
        (b"Subject: =?utf-8?q?Gr=C3=B6=C3=9Fe?=", "Größe"),
        (b"Subject: =?utf-8?b?R3LDtg==?=\n =?utf-8?b?w59l?=", "Größe"),
        (b"Subject: =?utf-8?b?ww?= =?utf-8?b?tg==?= end", "ö end"),  # a character cut in two, without padding
        (b"Subject: Re: =?iso-8859-1*en?Q?caf=E9_au?= lait", "Re: café au lait"),
        (b"Subject: a =?utf-8?q?b?= c =?no-such-charset?q?d?=", "a b c d"),
        (b"Subject: =?utf-8?b?!!!?= x", "!!! x"),
        (b"Subject: =?utf-8?x?abc?=", "=?utf-8?x?abc?="),
        (b"Subject: Gr\xc3\xb6\xc3\x9fe", "Größe"),
        (b"Subject: Gr\xf6\xdfe", "Größe"),
        (b"Subject: Gr\xf6\xdfe =?utf-8?q?=C3=BC?=", "Größe ü"),
        (b"Subject: \\u00e9 stays", "\\u00e9 stays"),
        (b"Subject: two\n\tlines\n of it", "two lines of it"),
        (b"Subject:", "mail"),
    ],
)
def test_headers_are_decoded_whatever_is_wrong_with_them(header, title):
    assert parse(b"From: a@b\nTo: c@d\n" + header + b"\n\nText", "mail.eml").title == title


@pytest.mark.parametrize(
    ("date", "iso"),
    [
        (b"Fri, 4 May 2001 14:05:44 -0400", "2001-05-04T14:05:44-04:00"),
        (b"4 May 2001 14:05", "2001-05-04T14:05:00"),
        (b"yesterday", None),
        (b"Fri, 99 May 2001 14:05:44 -0400", None),
        (b"Fri, 4 May 99999999999999999999 14:05:44 -0400", None),
        (b"", None),
    ],
)
def test_a_date_is_iso_8601_or_missing(date, iso):
    assert mail(b"Date: " + date + b"\n\nText").metadata.get("date") == iso


@pytest.mark.parametrize(
    ("plain", "html", "expected"),
    [
        ("The pump stops.", "<p>The <b>pump</b> stops.</p>", "The pump stops."),
        (
            "See the HTML part.",
            "<p>" + "The pump stops at noon. " * 9 + "</p>",
            ("The pump stops at noon. " * 9).strip(),
        ),
        (" ", "<h1>Pump</h1><ul><li>stops</li></ul><p style='display:none'>HIDDEN</p>", "Pump\n\n- stops"),
        (None, "<table><tr><th>Pump<th>State</tr><tr><td>7<td>stopped</tr></table>", "Pump | State\n7 | stopped"),
    ],
)
def test_of_alternatives_the_plain_one_is_taken_if_it_says_as_much(plain, html, expected):
    document = parse(mail_of(plain, html, Subject="Pumps", From="a@b.example"), "mail.eml")
    assert body(document) == expected


def test_headings_and_tables_of_an_html_body_are_known():
    html = "<h1>Pumps</h1><table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>"
    document = parse(mail_of(None, html, Subject="S", From="a@b"), "mail.eml")
    (section,) = document.sections
    assert document.text[section.start :].startswith("Pumps")
    (table,) = document.tables
    assert document.text[table.start : table.header_end] == "a | b"


def test_files_and_forwarded_mails_are_attachments():
    inner = EmailMessage()
    inner["Subject"], inner["From"] = "Inner: 1/2", "c@d.example"
    inner.set_content("The inner text.")
    outer = EmailMessage()
    outer["Subject"], outer["From"] = "Pumps", "a@b.example"
    outer.set_content("Text")
    outer.add_attachment(b"a,b\n1,2\n", maintype="text", subtype="csv", filename="Größe.csv")
    outer.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="../../etc/x.png")
    outer.add_attachment(inner)
    document = parse(outer.as_bytes(), "mail.eml")
    assert body(document) == "Text"
    names = [attachment.name for attachment in document.attachments]
    assert names == ["Größe.csv", "etc/x.png", "Inner: 1/2.eml"]
    assert document.attachments[0].data == b"a,b\n1,2\n"
    forwarded = parse(document.attachments[2].data, "inner.eml")
    assert (forwarded.title, forwarded.text.split("\n\n")[-1]) == ("Inner: 1/2", "The inner text.")


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        (b"Content-Type: text; charset=us-ascii\n\nText", "Text"),
        (b"Content-Type: text/plain; charset=no-such\n\nGr\xc3\xb6\xc3\x9fe", "Größe"),
        (b"Content-Type: text/plain; charset=us-ascii\n\nGr\xf6\xdfe", "Größe"),
        (b"Content-Type: text/plain; charset=iso-8859-1\n\n\x93quoted\x94", "“quoted”"),
        (b'Content-Type: text/plain; charset="koi8-r"\n\n' + "Насос стоит".encode("koi8-r"), "Насос стоит"),
        (b"Content-Type: text/plain; charset*=utf-8''koi8-r\n\n" + "Насос".encode("koi8-r"), "Насос"),
        (b"Content-Transfer-Encoding: base64\n\nVGhlIHB1bXA", "The pump"),
        (b"Content-Transfer-Encoding: quoted-printable\n\nGr=C3=B6=C3=9Fe=\n!", "Größe!"),
        (b"Content-Transfer-Encoding: x-odd\n\nText", "Text"),
        (b"Content-Type: text/plain; charset=gb2312\n\n" + "朱镕基".encode("gbk"), "朱镕基"),
        (b"Content-Type: text/plain; charset=utf-7\n\nGr+APYA3w-e", "Größe"),
        (b"Content-Type: text/plain; charset=unicode_escape\n\nC:\\new", "C:\\new"),
        # As what it says it is, it would be decoded for hours.
        pytest.param(
            b"Content-Type: text/plain; charset=punycode\n\n" + b"a" * 500_000 + b"-" + b"a" * 500_000,
            f"{'a' * 500_000}-{'a' * 500_000}",
            id="punycode",
        ),
        (b"Content-Type: multipart/mixed; boundary=none\n\nText\nwithout parts", "Text\nwithout parts"),
        (b"Content-Type: multipart/mixed\n\nText", "Text"),
        (
            b"Content-Type: multipart/mixed; boundary=x\n\npreamble\n--x\n\nOne\n--x\n\nTwo, never closed",
            "One\n\nTwo, never closed",
        ),
        (b"Content-Type: text/x-unknown\n\nText", "Text"),
        (b"Content-Type: /;;=\n\nText", "Text"),
        (b"\n", ""),
    ],
)
def test_wrong_mails_are_read_as_well(rest, expected):
    assert body(mail(rest)) == expected


@pytest.mark.parametrize("encode", [base64.encodebytes, quopri.encodestring])
def test_an_attached_message_may_be_encoded(encode):
    encoding = "base64" if encode is base64.encodebytes else "quoted-printable"
    inner = encode(mail_of("The inner text, größer.", Subject="Inner", From="c@d"))
    start = b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: message/rfc822\n"
    outer = mail(start + f"Content-Transfer-Encoding: {encoding}\n\n".encode() + inner + b"\n--x--\n")
    (attachment,) = outer.attachments
    read = parse(attachment.data, "a.eml")
    assert read.text == "Subject: Inner\nFrom: c@d\n\nThe inner text, größer."


def test_signatures_are_left_out_and_what_is_locked_is_said():
    parts = (
        b"Content-Type: multipart/signed; boundary=x\n\n--x\n\nSigned text\n--x\n"
        b"Content-Type: application/pkcs7-signature; name=smime.p7s\n\nAAAA\n--x--"
    )
    document = mail(parts)
    assert (body(document), document.attachments, document.losses) == ("Signed text", (), ())
    document = mail(b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\n\nAAAA")
    assert document.losses == ("a part that is encrypted with S/MIME is not read",)
    document = mail(b"Content-Type: multipart/encrypted; boundary=x\n\n--x\n\nVersion: 1\n--x--")
    assert document.losses == ("a part that is encrypted with PGP is not read",)
    document = mail(b"Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\neJ8+")
    assert "TNEF" in document.losses[0]
    assert document.attachments == ()


def test_the_report_of_a_returned_mail_is_read():
    rest = (
        b"Content-Type: multipart/report; boundary=x\n\n--x\n\nIt failed.\n--x\n"
        b"Content-Type: message/delivery-status\n\nReporting-MTA: dns; b\n\nAction: failed\nStatus: 5.1.1\n--x--"
    )
    assert body(mail(rest)) == "It failed.\n\nReporting-MTA: dns; b\n\nAction: failed\nStatus: 5.1.1"


def nested(depth):
    text = b"Content-Type: text/plain\n\nDeep text\n"
    for level in range(depth):
        text = b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n%b\n--b%d--\n" % (level, level, text, level)
    return text


def test_nesting_and_the_number_of_parts_are_bounded():
    assert body(mail(nested(10))) == "Deep text"
    assert "nested deeper than 30" in mail(nested(60)).losses[0]
    with pytest.raises(UnreadableError, match="nested too deeply"):
        mail(nested(5000))
    many = b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\ntext\n" * 50
    with pytest.raises(TooLargeError, match="11 members; the limit is 10"):
        mail(many, limits=ParseLimits(max_members=10))


def test_html_that_cannot_be_rendered_costs_nothing_else():
    html = "<div>" * 5000 + "deep"
    document = parse(mail_of(None, html, Subject="Pumps", From="a@b.example"), "mail.eml")
    assert body(document) == html


def test_a_mailbox_gives_its_messages_by_number():
    first = mail_of("One\nFrom here on\n", Subject="First", From="a@b")
    document = parse(mbox_of(first, mail_of("Two", Subject="Second", From="c@d")), "box.mbox")
    assert document.media_type == MBOX
    assert document.text == ""
    assert [attachment.name for attachment in document.attachments] == ["1.eml", "2.eml"]
    read = [parse(attachment.data, attachment.name) for attachment in document.attachments]
    assert [one.title for one in read] == ["First", "Second"]
    assert read[0].text.endswith("One\nFrom here on")
    assert parse(b"From " + b"00:00" * 100_000 + b"\n\nText", "a.txt").media_type == TEXT
    single = parse(mbox_of(first), "box.mbox")
    assert (single.media_type, single.title) == (MAIL, "First")
    with pytest.raises(TooLargeError, match="3 members; the limit is 2"):
        parse(mbox_of(first, first, first), "box.mbox", ParseOptions(ParseLimits(max_members=2)))


_NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cf", "Zl", "Zp")), min_size=1, max_size=20)


@settings(deadline=None)
@given(raw_texts, raw_texts, st.lists(st.tuples(_NAMES, st.binary(min_size=1, max_size=50)), max_size=3))
def test_mails_are_read_back(subject, text, files):
    subject, text = (" ".join(canonical(subject).split()), canonical(text))
    head = f"From: a@b\nSubject: {email.header.Header(subject, 'utf-8', maxlinelen=60).encode()}\nMIME-Version: 1.0\n"
    parts = [f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n{encoded(text.encode())}"]
    for name, data in files:
        quoted = "".join(f"%{byte:02x}" for byte in name.encode())
        parts.append(
            f"Content-Type: application/octet-stream\nContent-Disposition: attachment; filename*=utf-8''{quoted}\n"
            f"Content-Transfer-Encoding: base64\n\n{encoded(data)}"
        )
    joined = "".join(f"\n--sep\n{part}" for part in parts)
    document = parse(f"{head}Content-Type: multipart/mixed; boundary=sep\n{joined}\n--sep--\n".encode(), "mail.eml")
    assert document.title == (subject or "mail")
    if text.strip() and not text[:200].lstrip().lower().startswith(("<!doctype html", "<html")):
        assert document.text.endswith(text.strip("\n"))
    kept = [data for name, data in files if data.strip()]
    assert [attachment.data for attachment in document.attachments] == kept
    assert len({attachment.name for attachment in document.attachments}) == len(kept)


def encoded(data):
    return base64.encodebytes(data).decode()


@settings(deadline=None)
@given(st.data(), st.binary(max_size=40))
def test_a_mail_with_any_bytes_in_it_never_fails(data, noise):
    whole = mail_of("Text", "<p>Text</p>", [("a.bin", b"x")], Subject="=?utf-8?q?a?=", From="a@b", Date="1 May 2001")
    at = data.draw(st.integers(0, len(whole)))
    try:
        document = parse(whole[:at] + noise + whole[at:], "mail.eml")
    except UnreadableError:
        return
    assert canonical(document.text) == document.text
    assert all(isinstance(attachment, Attachment) for attachment in document.attachments)
