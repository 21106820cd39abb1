"""The words that the demo's people and companies are composed of. Every name is made up from parts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """Parts of names as one language sounds, and the countries it is used in, as often as `weight` says."""

    weight: int
    countries: str
    given: tuple[str, str]  # starts and ends, parted by spaces
    family: tuple[str, str]


LANGUAGES = (
    Language(
        30,
        "United States|United Kingdom|Canada|Australia|Ireland",
        ("Ald Bren Cor Del Ell Fen Jor Mar Row Tam Wil Quin", "a an en ey ia is on wyn"),
        ("Ash Black Carr Dun Hol Lang Mor Pen Thorn Whit", "brook by field ham ley more ridge ton well wick"),
    ),
    Language(
        18,
        "Germany|Austria|Switzerland",
        ("Alb Bern Diet Ger Hel Jör Käth Lie Ul Wolf", "a ard e gard hild ke mar rich traud"),
        (
            "Bär Eich Groß Hüb Kött Lind Mül Schön Weiß Zöll",
            "bach berger enhofer hausen inger mann ner städter",
        ),
    ),
    Language(
        12,
        "France|Belgium|Canada",
        ("Adé Clé Édou Fran Gaë Hél Jos Luc Noé Thé", "ard ciane èle ette ien line mence ric"),
        ("Beau Châte Des Du Fon Gré Lac Mont Riv Vé", "champs fort lain let naud pré rac tier val"),
    ),
    Language(
        12,
        "Spain|Mexico|Colombia|Argentina",
        ("Al Beni Cés Iñ Jos Lu Mar Nur Ram Íñ", "ana ar aqui igo ela encia ón isa"),
        ("Alva Be Cas Fuen Ibá Lo Mu Núñ Peñ Quiñ", "ez ilar ones ora ñoz quera redo tes"),
    ),
    Language(
        9,
        "Poland|Czechia|Slovakia",
        ("Bog Dob Jar Ka Ludm Mir Rad Sta Wła Žof", "dan enka ia ila mir omir sław uše"),
        ("Brze Chmie Dąb Gó Kwia Łuka Nov Szcze Wró Žď", "czyk cki lewska niak ński rzyński ský wicz"),
    ),
    Language(
        7,
        "Sweden|Norway|Denmark|Finland",
        ("Åg As Bjø Ei Frí Gu Ing Ol Sø Ås", "a björn dís e hild mund ren var"),
        ("Berg Ek Fjell Hav Lund Nør Øst Sand Strøm Åker", "dahl gaard gren holm lid mark qvist sen"),
    ),
    Language(
        5,
        "Türkiye",
        ("Ay Çağ Em Gül İl İs Öz Şen Tur Yağ", "an can gül kay lar mur ol şe"),
        ("Ak Altın Çelik Demir Gök Işık Kaya Öz Şahin Yıl", "can dağ er kaya lı oğlu soy türk"),
    ),
    Language(
        4,
        "Greece|Cyprus",
        ("Αλ Γε Δη Ελ Θε Κω Μα Νι", "άννα ία ίδης ένη ώργος μήτρης όδωρος ρίνα"),
        ("Γαλ Δεμ Καρ Λαμπ Μιχ Παπ Στα Χρυσ", "άκης άτος έλης ίδης όπουλος αντίνος ούδης ώτης"),
    ),
    Language(
        3,
        "Japan",
        ("Ai Haru Kei Mina Nao Rin Sho Yu", "ka ki ko mi na ri ta to"),
        ("Aki Fuji Hoshi Ishi Kawa Mori Naka Taka", "bashi da gami hara moto mura no ta"),
    ),
)

# Letters that an address cannot keep, and what people write in their place.
PLAIN = str.maketrans(
    dict(
        zip(
            "ÀÁÂÃÄÅĄÇČĆĐĎÈÉÊËĘĚĞÍÎÏİIŁÑŃÒÓÔÖŐØŘŚŠŞŤÚÛÜŮÝŹŻŽàáâãäåąçčćđďèéêëęěğíîïıłñńòóôöőøřśšşťúûüůýźżž",
            "aaaaaaacccddeeeeeegiiiiilnnoooooorssstuuuuyzzzaaaaaaacccddeeeeeegiiiilnnoooooorssstuuuuyzzz",
            strict=True,
        )
    )
    | {"ß": "ss", "æ": "ae", "Æ": "ae", " ": ""}
    | dict(
        zip(
            "ΑΒΓΔΕΖΗΙΚΛΜΝΟΠΡΣΤΥΩαβγδεζηικλμνοπρστυωάέήίόύώς",
            "abgdeziiklmnoprstyoabgdeziiklmnoprstyoaeiioyos",
            strict=True,
        )
    )
    | {
        "Θ": "th",
        "θ": "th",
        "Ξ": "x",
        "ξ": "x",
        "Φ": "f",
        "φ": "f",
        "Χ": "ch",
        "χ": "ch",
        "Ψ": "ps",
        "ψ": "ps",
    }
)


@dataclass(frozen=True, slots=True)
class Industry:
    """An industry, what its companies call themselves, and how well it suits the seller (in hundredths)."""

    name: str
    weight: int
    suits: int
    words: str


INDUSTRIES = (
    Industry("Logistics", 16, 70, "Logistics Freight Transport Cargo"),
    Industry("Utilities", 9, 60, "Energy Water Grid Power"),
    Industry("Construction", 13, 35, "Build Works Bau Construction"),
    Industry("Facility Services", 10, 55, "Facility Care Services Clean"),
    Industry("Manufacturing", 15, 20, "Industries Machines Werke Tools"),
    Industry("IT", 14, -25, "Systems Digital Software Cloud"),
    Industry("Retail", 9, -20, "Stores Market Trade Shop"),
    Industry("Healthcare", 6, 0, "Health Clinics Med Labs"),
    Industry("Education", 5, -60, "Academy Institute Learning School"),
    Industry("Financial Services", 3, -40, "Capital Finance Invest Partners"),
)


@dataclass(frozen=True, slots=True)
class Title:
    """A job title and how much its holder can decide (in hundredths)."""

    text: str
    weight: int
    suits: int


TITLES = (
    Title("Chief Operations Officer", 5, 95),
    Title("CEO", 5, 60),
    Title("VP Field Operations", 5, 95),
    Title("Director of Field Service", 7, 90),
    Title("Director, Customer Operations", 5, 75),
    Title("Head of Dispatch", 7, 80),
    Title("Geschäftsführerin", 4, 70),
    Title("Leiter Disposition", 4, 70),
    Title("Directrice des opérations", 3, 75),
    Title("Jefe de planificación", 3, 60),
    Title("Kierownik działu serwisu", 3, 50),
    Title("Müdür, Saha Operasyonları", 2, 50),
    Title("Operations Manager", 12, 45),
    Title("Service Manager", 9, 40),
    Title("Dispatch Team Lead", 9, 25),
    Title("IT Manager", 8, 10),
    Title("Planner", 11, -5),
    Title("Dispatcher", 10, -20),
    Title("Business Analyst", 8, -25),
    Title("Assistant to the Director", 4, -40),
    Title("Consultant", 6, -60),
    Title("Student", 4, -190),
    Title("Intern", 3, -170),
    Title("", 8, -20),
)


@dataclass(frozen=True, slots=True)
class Source:
    """How a lead came: how much that says of fit, of intent (both in hundredths), and of being silent;
    `bounced` is the share whose address does not work."""

    name: str
    weight: int
    suits: int
    keen: int
    silent: float
    bounced: float


SOURCES = (
    Source("Website", 30, 0, 15, 0.06, 0.03),
    Source("Trial", 12, 0, 50, 0.02, 0.03),
    Source("Webinar", 14, 5, 0, 0.08, 0.03),
    Source("Conference", 10, 15, -10, 0.20, 0.03),
    Source("Referral", 7, 60, 60, 0.12, 0.03),
    Source("Partner", 7, 30, 20, 0.15, 0.03),
    Source("Advertisement", 12, -20, -30, 0.22, 0.03),
    Source("Purchased list", 8, -40, -90, 0.55, 0.14),
)

PRODUCTS = (("Planner", 38), ("Dispatch", 30), ("Platform", 14), ("Insights", 8), ("", 10))

COMPETITORS = ("Routewright", "Crewline", "Fieldora")

FREE_MAIL = ("postbox.example", "freemail.example")
