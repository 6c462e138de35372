"""Abbreviations, numbers and titles inside a sentence, in every language of the service, and the ends beside them."""

# ruff: noqa: RUF001 - other scripts look like ours

from __future__ import annotations

import pytest

from mkdocs_lightning.reading.sentence_ends import abbreviations_of, find_sentences
from mkdocs_lightning.reading.settings.catalogue import LANGUAGES, PRO_MODEL

ONE_SENTENCE = """
en Mr. Smith, Mrs. Jones, Ms. Lee and Dr. Who met Prof. X at St. Ives.
en He works for Acme Inc. in Rome and for Foo Ltd. of Bath.
en On Jan. 5 and in Feb. 2026 it was at 5 Main St. in Rome.
en See no. 5, p. 7, pp. 8, cf. 9, ca. 10, vol. 3, ch. 4, ed. by me.
en The Acme Co. is at 5th Ave. and Main Blvd. near Mt. Hood and Ft. Worth.
en We use fruit, e.g. apples, etc. as food.
en The U.S. Army and J. Smith, Jr. came at 5 a.m. on Mon. to D.C. for work.
en It is version 1.2.3 and costs 1,000.50.
en The Lt.-Col. Smith read J.-J. Rousseau and the Encycl. Brit. for days.
en Tel. 555-1234, or tel. 555-1235, is our number.
en Choose from 1. the green tea, 2. the black tea and 3. no tea.
en See App. B, fig. C and app. 3, and press Ctrl+. to get 10 req./min. for free.
es El Sr. López, la Sra. Díaz, D. Juan, Dña. Ana, Fr. Luis, Mons. Ruiz y la Dra. Gil.
es Vive en Avda. de América, Av. Mayor, C. Real, Pza. del Sol, n.º 5, núm. 6.
es El 5 de ene. de 2026 y el 3 de sept. de 2027.
es Véanse los vols. Uno y Dos, la lám. Madrid, el tít. Primero y la ref. Norte.
es Peras, etc. Manzanas no.
es La empresa López S.A. de C.V. y Díaz S.L. de Madrid, Cía. Ltda. del Sur.
es Peras, manzanas, etc. son fruta, cf. López, p. ej. esta, págs. 3, pp. 4, vol. 2.
fr Selon J.-J. Rousseau et le lt.-col. Martin, c'est M.-C. Dupont.
fr M. Dupont, Mme. Durand, MM. Martin et Mlle. Petit, St. Malo.
fr Il habite 5 av. Foch, bd. Voltaire, pl. Vendôme, à Paris.
fr Le 5 janv. 2026 et le 3 févr. 2027, réf. 5, p. 3, no. 4, n° 5.
fr Des pommes, des poires, etc. sont là, cf. Dupont, c.-à-d. ici.
fr La S.A. Dupont et la S.A.R.L. Martin, Cie. du Nord, Ste. Marie, Dr. Petit, Pr. Martin.
fr Conforme à l'art. 6 et à l’art. 7, d'env. 300 mots, selon l'éd. 2024, près de l'av. de Paris, qu'env. dix lisent.
fr Voir le tabl. 3, le tabl. Ventes, fig. 2, chap. 4, 2e éd. Gallimard, vol. 5, réf. ABC et la 3e sér. Histoire.
fr Des pommes, etc. Dupont et T.T.C. Martin, ou J. C. Le Clézio.
fr Dans l'ann. A, au bât. B, à l'al. 2, la limite est de 10 req./min. par compte.
de Siehe Anh. A und Anh. 3, Abb. B und Tab. C.
de Aus der Abt. Einkauf und Abt. 3, Kap. Einleitung, Abs. Satz, 2. Aufl. Berlin, Nr. Eins, Hrsg. Müller, Bd. Zwei.
de Wir speichern u. a. Ihre IP-Adresse, u.a. Ihre Daten, u. a. Sie und u. a. Die Ärzte.
de Er kostet abzgl. Rabatt, ausschl. Kabel, 5 Stk. Schrauben, Pos. Vier, je lfm. Holz, und die mech. Festigkeit.
fr Le professeur H. T. Le Goff, M. H.T. La Fontaine, prof. Martin, le Col. Petit, op. cit. Les deux, prés. Le Pen.
it Il dott. A. C. Lo Presti parla, come scrive A.C. La Malfa nel libro.
es El Dr. A. C. De la Torre habla.
de Äpfel usw. Birnen, 300 Euro inkl. MwSt. Versand, u. a. Nginx, u. Ä. Werkzeug, 50 v. Chr. Geburt.
de Er sagte „Äpfel usw. Die Welt ist rund“ und ging (mit Birnen usw. Die waren gut) nach Hause.
de Schreiben Sie an die Fa. Schmidt in Köln.
de Prof. Dr.-Ing. Weber, Dipl.-Ing. Schmidt, Univ.-Prof. Meier und Priv.-Doz. Müller sind da.
de Herr Dr. med. Müller und Fr. Dr. Meier wohnen in der Goethestr. 5 in Bonn.
de Die Müller GmbH & Co. KG und die Meier GmbH u. Co. KG sind da.
de Am 5. Jan. 2026 und am 3. Okt. war es Mo. bis Fr. so.
de Äpfel, Birnen usw. sind gesund, bzw. Obst im Allg. ist es.
de Er wohnt a. d. Straße, Tel. 030 123, Art. 5 Abs. 3 S. 2 GG.
de Das kostet ca. 5 Mio. Euro und 3 Mrd. Dollar, d. h. viel.
de St. Gallen, Prof. Dr. h. c. Meier, Hl. Geist, Bhf. Zoo, Gebr. Grimm, Verl. Springer.
de Er kam am 3. 5. 2026 und am 4. Mai.
it Il sig. Rossi, la sig.ra Bianchi, il dott. Verdi, la dott.ssa Neri e il prof. Gallo.
it Chiede all'ing. Rossi di un'op. cit. e dell'avv. Verdi.
it Abita in v. Roma, p.za Garibaldi, c.so Italia, n. 5, pag. 6.
it Il 5 gen. 2026, il 3 feb. 2027, sett. e ott. compresi.
it La Rossi S.p.A. di Torino e la Bianchi S.r.l. di Roma, F.lli Rossi, S. Pietro.
it Si vedano la sez. Ricambi, le figg. Alte e le tabb. Roma.
it Mele, ecc. Roma no.
it Mele, pere ecc. sono qui, cfr. Rossi, ad es. questo.
nl Dhr. Jansen, mevr. de Vries, drs. Bakker, ir. Smit, prof. Mulder en mr. Visser.
nl Op 5 jan. 2026 in de Kerkstr. 5, nr. 6, blz. 7, St. Nicolaas.
nl Jansen B.V. uit Utrecht, De Vries N.V. te Delft en Fa. Bakker.
nl Appels, peren enz. zijn hier, o.a. Elstar, d.w.z. goed, t/m. 5, ca. Vijf, a.u.b. Hier.
sv Hr. Svensson, fr. Larsson, dr. Berg, prof. Lund och ing. Ek bor här.
sv Den 5 jan. 2026, kl. 5, nr. 6, s. 7, tel. 8, ca. 9, st. 3.
sv Äpplen, päron m.m. finns, m.fl. och osv. här, bl.a. Gala, t.ex. detta, dvs. Allt.
no Hr. Hansen, dr. Berg, prof. Lie, adv. Moe bor i Storgt. 5.
no Den 5. jan. 2026, kl. 5, nr. 6, s. 7, tlf. 8, ca. 9.
no Epler, pærer m.m. finnes, m.fl. og osv. her, bl.a. Gala, f.eks. dette.
fi Hra Virtanen, tri Mäki, prof. Niemi, tri. Laine, puh. 5, s. 6, n. 7, v. 2020 ja klo. 8.
fi Omenia, päärynöitä jne. on täällä, esim. Tämä.
pt Foi no dia 5 de jan. de 2026 em Lisboa.
pt Fica na av. Brasil, na trav. Mauá, na rod. Dutra e na pça. Sé.
pt Fica na Av. Paulista, em São Paulo.
pt A Exma. Sra. Ministra falou.
pt O Sr. Dr. Silva, a Profa. Lima, o Exmo. Sr. Juiz e o Eng. Costa vieram.
pt A empresa Silva Ltda. de Lisboa e a Costa Lda. de Faro.
pt Veja os vols. Dois e Três, o quad. Norte e o tít. Primeiro.
pt Veja a pág. 5, o n.º 3, a R. Augusta, a Pç. da Sé e a Trav. do Sol.
pt Chegou em fev. de 2025 e em set. de 2026, seg. a sex. de manhã.
pt O Pe. António e o Prof. Lima, a D. Maria e S. Paulo.
pl W dn. 5 maja był tu prof. Nowak z ul. Długiej.
pl Był w dn. 5 maja w Warszawie.
pl Firma ABC Sp. z o.o. z Krakowa oraz XYZ S.A. w Łodzi.
pl To jest m.in. tzw. system itd. oraz itp. w r. 2020.
pl Pan mgr inż. Kowalski, p. Nowak, ks. Jan, gen. Anders i płk. Nowak byli.
pl Ul. Długa, pl. Zamkowy, al. Jerozolimskie, os. Tysiąclecia, woj. Mazowieckie.
pl Zob. s. 5, t. 2, rozdz. 3, nr. 4.
pl 5 stycz. 2020, godz. 5, tel. 123, red. Nowak, wyd. Znak, oprac. Lis, tłum. Wilk.
pl Urodził się w 1920 r. w Krakowie.
ru Г-н Иванов, г. Москва, ул. Ленина, д. 5, кв. 6, пр. Мира, пл. Победы.
ru Проф. Петров, акад. Сидоров, им. Пушкина, род. в 1920 г. в Москве, до н. э. было.
ru Яблоки, груши и т. д. есть тут, т.е. Здесь, и т.п. тоже, и др. города.
ru Компания ООО «Рога» и пр. фирмы, напр. Газпром, 5 янв. 2026, 3 тыс. руб. в год.
ru А. С. Пушкин и Л. Н. Толстой, см. рис. 5, с. 6, стр. 7, т. 8, гл. 9, п. 3.
el Ο κ. Παπαδόπουλος, η κα. Γεωργίου, ο Δρ. Νίκος, οδ. Ερμού, αρ. 5, σελ. 6, π.χ. Αυτό.
el Η εταιρεία Α.Ε. στην Αθήνα, Ε.Π.Ε. και το 5ο αι. μ.Χ. ήταν, δηλ. Τώρα, τηλ. 5.
el Στις 5 Ιαν. 2026 και 3 Φεβ. 2027, λεωφ. Συγγρού, πλ. Ομονοίας, Αγ. Νικόλαος, καθ. Νίκου.
tr Sn. Yılmaz, Dr. Kaya, Prof. Demir, Av. Çelik, Doç. Arslan ve Öğr. Gör. Şahin geldi.
tr Atatürk Cad. No. 5, Lale Sok. 6, Çankaya Mah. ve Barbaros Bulv. burada.
tr ABC A.Ş. ve XYZ Ltd. Şti. burada, T.C. Ankara, İst. Üni.
tr Elma, armut vb. var, örn. Bu, bkz. s. 5, yy. önce, M.Ö. Beşinci.
tr Elma, armut vb. aldım.
id Bpk. Budi, Ir. Sari, Dr. Ali, Prof. Tono, Jl. Merdeka No. 5, Kec. Bogor.
id PT. Maju, CV. Jaya, Tbk. dari Jakarta, tgl. 5 Jan. 2026, hlm. 3, a.n. Budi.
ms En. Ali, Pn. Siti, Dr. Tan, Jln. Ampang No. 5, Sdn. Bhd. di sini, Prof. Lim.
vi TP. Hồ Chí Minh, TS. Nguyễn, Q. 1, P. 5, ĐT. 123, Ths. Lê, GS. Trần, St. 5.
vi Táo, lê v.v. có ở đây.
hi यह एक प्रा. लि. है और चलती है।
hi वह वि.वि. में है और मा. मंत्री तथा ले. सिंह के साथ आया।
hi डॉ. शर्मा, प्रो. वर्मा, श्रीमती. गुप्ता और कं. लि. का काम है।
hi पं. नेहरू ता. ५ को आए, रु. ५०० और क्र. सं. ३।
hi दर १२.५ प्रतिशत है और १२. ५ भी।
mr हे प्रा. लि. आहे, डॉ. पाटील, कु. जोशी, सौ. देशपांडे, ता. ५, रु. ५.
mr इ.स. १९५० मध्ये, कं. लि. आहे.
gu આ પ્રા. લિ. છે, ડૉ. પટેલ, શ્રી. શાહ, રૂ. ૫, તા. ૫, નં. ૬, કં. છે.
pa ਇਹ ਪ੍ਰਾ. ਲਿ. ਹੈ, ਡਾ. ਸਿੰਘ, ਪ੍ਰੋ. ਕੌਰ, ਨੰ. ੫ ਅਤੇ ਸ. ਸਿੰਘ।
bn এটি প্রা. লি. আছে, ড. রায়, ডা. সেন, মো. আলী, নং. ৫, অধ্যা. দাস, সা. খ্রি. ৫।
or ଏହା ପ୍ରା. ଲି. ଅଟେ, ଡ. ଦାଶ, ଶ୍ରୀ. ରାୟ, ନଂ. ୫, ଟ. ୬।
ta இது பி. லிட். ஆகும், திரு. ராஜா, எண். ௫, ரூ. 5, கி.பி. 1950 இல்.
te ఇది ప్రై. లి. ఉంది, డా. రావు, శ్రీ. శర్మ, నం. 5, రూ. 6, క్రీ.శ. 1950 లో.
kn ಇದು ಪ್ರೈ. ಲಿ. ಆಗಿದೆ, ಡಾ. ರಾವ್, ಶ್ರೀ. ಶರ್ಮ, ನಂ. 5, ರೂ. 6, ಪ್ರೊ. ಗೌಡ.
ml ഇത് പ്രൈ. ലി. ആണ്, ഡോ. നായർ, ശ്രീ. മേനോൻ, നം. 5, രൂ. 6, പ്രൊഫ. പിള്ള.
ar جاء محمد وم. خالد إلى القاهرة.
ar ولد سنة ١٣٥٠ هـ. في القاهرة.
ar توفي سنة ١٩٥٠ م. في بغداد.
ar قال د. أحمد وأ. سامي ود. ليلى وأ.د. علي ذلك.
ar انظر ص. ٥ وج. ٢ ورقم ٣.
ar بلغ المعدل ١٢.٥ في المئة و١٢٫٥ في العام.
ja 成長率は１２．５％でした。
ja 『本の題名。』は面白い。
ja 「本の題名。」が好きだ。
ja 彼は「行くぞ！」と叫んだ。
ja 「モーニング娘。」の曲です。
zh 增长率为１２．５％。
zh 《你好。》是一本书。
"""
"""A language and one sentence in each line."""

SEVERAL_SENTENCES = """
en He lives in the U.S.|They do not.
en We bought apples, pears, etc.|The rest was gone.
en It is now 5 p.m.|We leave.
en Press Ctrl+.|Then wait.
en Open the app.|A dialog appears.
en He said “Stop.”|The rest is silence.
es Tomamos el plan B.|Es el mejor.
fr Il est là.|Le reste suit.
fr Il a lu l'art.|Il est parti.
fr Il dort aujourd'hui.|npm est là.
de Das geht mit der Version 14.|Ältere Versionen gehen nicht.
de Es steht in der Tabelle 5.|Weitere Werte folgen.
de Er lauscht auf Port 80.|Andere Ports sind zu.
de Der Turm in der Hauptstr.|Die Kirche ist alt.
de Er ging zu Fuß.|Der Weg ist lang.
it Ha preso il treno.|Il prezzo è alto.
sv Vi såg Anna, Olle m.fl.|Sedan gick vi.
sv Han red.|Sedan gick han.
no Vi så Anna, Ole m.fl.|Så gikk vi.
no Det var hans fru.|Så gikk han.
fi Ostin omenia jne.|Sitten lähdin.
pt Ele trabalha na Silva Ltda.|Ela também.
pt Comprou livros, discos etc.|Depois saiu.
pt Vamos ver.|Depois falamos.
pt Ele viu o mar.|Foi em março.
ru Он дал им.|Он ушёл.
ru Это тот род.|Он стар.
el Είναι καλά.|Μετά έφυγε.
tr Şimdi gör.|Sonra gel.
id Apel, pir, dll.|Semua ada di sini.
id Itu bagus.|Ini juga.
vi Đó là ông.|Sau đó về.
hi यह बहुत दूर है.|वह पास है.
mr ते घर आहे.|ते मोठे आहे.
ta அவர் ஒரு டாக்டர்.|அவர் வந்தார்.
ar ذهبت إلى السوق.|ثم عدت إلى البيت.
ar هذا رقم.|ثم عدت.
ja 「はい。」|彼は言った。
ja すごい！|次です。
zh 他说：“你好。”|然后走了。
zh 版本是２。|好的。
ko 김 씨는 12.5%를 샀다.|그리고 갔다.
"""
"""A language and its sentences, with a bar between two."""

STARTERS = {
    "de": "Die Der Das Sie Er Es Wir Ein Eine Dies Diese Dieser Wenn In Im Für",
    "en": "The They It We In For",
    "es": "El La Los Las Es En Una Este Para",
    "fr": "Le La Les Il Elle Ils Elles Cette Ce Ces Est-ce On Nous Vous Un Une Pour Dans L’eau",
    "it": "Il La Le Gli È Una Questo Per",
    "nl": "De Het Een Dit",
    "pt": "O A Os As É Uma Isso Para",
}
"""Words that begin a sentence, by language."""

LAST_WORDS = {
    "de": "etc.|usw.|usf.|u. Ä.|u.Ä.|u. ä.|o. Ä.|u. v. m.|u. dgl.|und dgl.|inkl. MwSt.|e. V.|50 v. Chr.",
    "en": "etc.",
    "es": "etc.|EE. UU.|50 a. C.",
    "fr": "etc.|T.T.C.|T. T. C.|50 av. J.-C.",
    "it": "etc.|ecc.|50 a. C.",
    "nl": "etc.|enz.|e.d.",
    "pt": "etc.|50 a. C.",
}
"""Abbreviations that a sentence may end with, by language."""


def lines_of(table: str) -> list[str]:
    return table.strip().splitlines()


@pytest.mark.parametrize("line", lines_of(ONE_SENTENCE))
def test_an_abbreviation_or_a_number_ends_no_sentence(line: str) -> None:
    language, _, text = line.partition(" ")

    assert find_sentences(text, language) == [text]


@pytest.mark.parametrize("line", lines_of(SEVERAL_SENTENCES))
def test_a_sentence_may_end_in_what_looks_like_an_abbreviation(line: str) -> None:
    language, _, text = line.partition(" ")
    sentences = text.split("|")
    space = "" if language in {"ja", "zh"} else " "

    assert [found.strip() for found in find_sentences(space.join(sentences), language)] == sentences


@pytest.mark.parametrize(
    ("language", "last"), [(language, last) for language, each in LAST_WORDS.items() for last in each.split("|")]
)
def test_a_sentence_ends_after_an_abbreviation_before_a_word_that_begins_one(language: str, last: str) -> None:
    for starter in STARTERS[language].split():
        sentences = [f"Xyz xyz {last}", f"{starter} xyz xyz."]
        assert [found.strip() for found in find_sentences(" ".join(sentences), language)] == sentences


@pytest.mark.parametrize("language", LANGUAGES[PRO_MODEL])
def test_a_sentence_may_end_after_each_abbreviation_that_closes_one(language: str) -> None:
    abbreviations = abbreviations_of(language)
    kinds = {abbreviations.kinds[closing].value for closing in abbreviations.closing}
    assert kinds <= {"often", "seldom"}
