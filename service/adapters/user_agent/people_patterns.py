"""Programs and appliances that people hold, though they write themselves as robots do: data for ``bots``.

They have no browser's text and often no system: a name with a version, a library that speaks HTTP, a word for a task.
What tells them is how a platform or a maker builds its own programs' texts, or the names in its documents. All are
asked before whatever tells a program, so each is bound to a beginning or to a token that no robot has.
"""

HELD_PROGRAMS: tuple[str, ...] = (
    # Apple's own agents (for calendars, addresses, mail) begin with the system and the number of its build, as "About
    # this Mac" shows them: "macOS/13.4 (22F66) dataaccessd/1.0"; others are named as their bundles are.
    (
        r"^(?:Mac[ _+]OS[ _+]X|macOS|iOS|iPadOS|watchOS|tvOS|visionOS)/[\d.]{1,12} \(\d{1,2}[A-Z]\d{1,5}[a-z]?\)"
        r"|^com\.apple\.[A-Za-z.]{2,60}(?:$|[/ ])"
    ),
    # Windows' own, which fetch updates, certificates and folders for who works there; and Google's on desks.
    (
        r"^Microsoft[ -](?:BITS|CryptoAPI|NCSI|WNS|WebDAV-MiniRedir)/|^DavClnt$|^Windows-Update-Agent"
        r"|^Google(?: ?Update|Updater|Toolbar|DriveSync| ?Talk)[/ ]\d"
    ),
    # Folders and calendars over WebDAV, as somebody opens them: managers of files, and what reads appointments.
    (
        r"^(?:cadaver|WebDAVLib|WebDAVFS|WinSCP|Transmit|Goliath|Cyberduck|NetDrive|WebDrive|BitKinex"
        r"|CarotDAV|CalDavSynchronizer|CoreDAV|iCal|DAVdroid|DAVx5)/v?\d"
    ),
    # Microsoft's office programs and what they open links and folders with (MS-OCPROTO is the discovery of protocols);
    # the online server is none of them.
    (
        r"^Microsoft[ -](?:Mac)?Outlook|^MSOffice \d|\(compatible; ms-office;|^Microsoft Data Access Internet Publish"
        r"|^Microsoft Office(?:$|/\d| (?:Word|Excel|PowerPoint|OneNote|Outlook|Access|Publisher|Visio|Project|InfoPath"
        r"|SharePoint Designer|Communicator|Lync|Upload Center|Existence Discovery|Protocol Discovery|Core Storage))"
        r"|^(?:Microsoft |MS)FrontPage|\(compatible; MS FrontPage \d|^(?:Microsoft )?(?:OneDrive|SkyDrive)(?:Sync)?[ /]"
    ),
    # Meetings and chats. Lync and Skype for Business name the kind of client and, behind it, the product ("User Agent
    # Header Value" in Microsoft's filters for clients' versions).
    (
        r"^(?:UCCAPI|UCCP|OC|OCPhone|CPE|LyncImm|ACOMO|SfBForMac|(?:iPhone|iPad|Android|WP|Nokia)Lync)/\d"
        r"|\((?:Microsoft (?:Lync|Office Communicator)|Skype for Business)[^)]{0,20}\)"
        r"|^(?:Microsoft ?Teams|MicrosoftTeams-[A-Z][a-z]+|Skype|Zoom(?:Presence|Rooms)|GoToMeeting|WebExMC)/\d"
        r"|^(?:ICQ|QIP|Miranda(?: IM| NG)?|Trillian|Pidgin|Adium|Gajim)[/ ]v?\d|^Telegram Desktop"
        r"|^(?:Zoom|Webex(?: Teams)?|Cisco[ -](?:Jabber|Webex)) ?[/(\d]|^Cisco Jabber|^Skype WISPr"
    ),
    # Who reads mail by Exchange's protocol: "MSFT-" and the system (Microsoft's list of ActiveSync devices), TouchDown,
    # and BlackBerry 10 with its model and the number of its hardware.
    r"^MSFT-(?:WIN|WP|PPC|SPhone)|^TouchDown\(|^RIM-[A-Za-z0-9]{1,12}-[A-Z]{3}\d{3}",
    # Programs that bring a library for HTTP of their own: Steam's, Roblox', what is made with Unity (UnityWebRequest).
    # Steam's servers look up links by the same library and say so.
    r"^Valve/Steam HTTP Client [\d.]+(?:$| \((?:tenfoot|client|\d))|^Roblox/|^UnityPlayer/|\(UnityWebRequest/\d",
    # A library named before the phone that it runs on, as an app's own text or Android's runtime (http.agent) tells it;
    # and one that is named for the phones' system, Facebook's for apps.
    (
        r"^FB(?:iOS|Android)SDK\.\d"
        r"|^(?:okhttp|[A-Za-z]+ http client|Apache-HttpClient)/[\w.()-]+ (?:.*[ (;])?(?:Android|iOS|iPhone)[ /;)]"
    ),
    # Managers of downloads, with which somebody takes a file (Wikipedia's "Comparison of download managers"), and
    # BitTorrent's on desks. What copies whole sites is none of them, nor is a daemon.
    (
        r"^(?:GetRight(?:Pro)?|NetAnts|FlashGet|FDM|DA|ReGet(?: \w+)?|RealDownload|SpeedDownload|LeechGet|uGet|iGetter"
        r"|JDownloader|BitTorrent|uTorrent|qBittorrent)[ /]v?\d"
        r"|^(?:Free Download Manager|Internet Download Manager|wxDownload|Go!Zilla|Net Vampire|JetCar"
        r"|Download (?:Demon|Master|Accelerator|Express))(?:$|[ /])"
    ),
    # Readers of feeds that sit on a desk (Wikipedia's "Comparison of feed aggregators"): they fetch for who reads in
    # them, and tell their own address as robots do.
    (
        r"^(?:Abilon|Akregator|AmphetaDesk|Awasu|FeedDemon|Fluent ?Reader|GreatNews|JetBrains Omea Reader|Liferea"
        r"|NetNewsWire|NewsFire|QuiteRSS|RSS ?Guard|RSS ?Owl|Rss ?Bandit|SharpReader|Snownews|Straw|Vienna"
        r"|[Nn]ews(?:beuter|boat))[ /]v?\d"
    ),
    # Players of the home network (DLNA's guidelines ask for the token), and consoles: Sony's library for HTTP,
    # Nintendo's, Microsoft's.
    r"\bDLNADOC/\d|^SEC_HHP_|\bLGE_DLNA_SDK/",
    r"\blibhttp/\d|^PS[345][A-Z]\w+-agent/|^PSP Application|^NintendoSDK |\(HAC; nn|^Xbox(?:/2\.0\.\d| Live Client/)",
)
