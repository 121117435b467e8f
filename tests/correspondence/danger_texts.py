"""Texts that patients and families may write, in our own words: danger, and everyday mails."""

ALARMS = """
high fever 39.5, bleeding, breathless
My temperature is 38,4 since this morning
she has 102 F and shivers
Temp 101.3F
I have fever
No, fever since morning
He cannot breathe properly
bleeding does not stop
the bleading started again
no fever yesterday but today 39
My left leg is swollen and hurts
There is blood in my urine
He has chest pain
Mum is confused and does not know where she is
she had a fit an hour ago
He fainted in the bathroom
The wound has opened and pus comes out
I do not want to live any more
I want to kill myself
no stool for 5 days and belly is hard
He has not passed urine since yesterday
cannot urinate
I have fever, what should I do?
without paracetamol the fever comes back
not only fever, also bleeding
Fever is gone but it came back tonight
The fever has not gone
The pain is unbearable
she is vomiting and can't keep anything down
Yellow eyes since Monday
My face and tongue are swelling
slurred speech and weak on one side
I have had fever since last year
no doctor here and I am bleeding
can't pee since the catheter came out
Sats 86 at home
I am so breathles
He is unconscious!!
FEVER 39
у меня температура 39
Высокая температура и озноб
кровотечение не останавливается
мама задыхается
нога опухла и болит
сильная боль в груди
он потерял сознание
не хочу больше жить
шов разошёлся, течёт гной
температура 38,2
нет мочи второй день
судороги ночью
у неё спутанное сознание
عندي حمى ونزيف
حرارته ٣٩٫٥
لا أستطيع التنفس
ألم شديد في الصدر
رجلي متورمة
فقد الوعي
الجرح مفتوح ويخرج صديد
أريد أن أموت
لا يوجد بول منذ أمس
تقيؤ مستمر
发烧39度
我妈妈发高烧，出血不止
呼吸困难
胸口很痛
腿肿了
昏迷了
伤口裂开流脓
不想活了
没有尿
抽搐
没有发烧，但是出血
体温38.5
मुझे बुखार है 102
खून बह रहा है
सांस लेने में तकलीफ हो रही है
सीने में दर्द है
पैर में सूजन है
माँ बेहोश हो गई
पेशाब नहीं हो रहा
मैं मरना चाहता हूँ
उल्टी बंद नहीं हो रही
mujhe bukhar hai aur khoon nikal raha hai
saans nahi aa rahi
J'ai de la fièvre 39,2
Elle saigne beaucoup
il a du mal à respirer
douleur dans la poitrine
sa jambe est gonflée
elle a perdu connaissance
la cicatrice est ouverte et coule
je veux mourir
pas d'urine depuis hier
pas de fièvre mais il saigne
il est confus depuis ce matin
plus de gaz ni de selles depuis 3 jours
convulsions cette nuit
Mother has fever
it hurts when I breathe
she can not stop bleeding
Dear Amina, my father's temperature went up to 39.8 last night and he is shaking.
my husband is not waking up properly
lots of blood when going to toilet
stitches opened
pus
coughing up blood
i took his temp and it was 103
her calf is very painful
Black stool and dizzy
I have not been able to pee today
no wee since 10 o'clock
I am thinking of ending it all
her eyes turned yellow
he is talking nonsense
heart attack
suddenly he cant move his arm
we are in the emergency room
can't swallow, throat closing
His breathing is very heavy
Не могу дышать
очень сильно болит живот
38.7
39 degrees
температура поднялась до 38 и 5
у папы жар
кровь из раны
потекла кровь
рана мокнет
حرارته مرتفعة جدا
درجة حرارته 39
دم كثير يخرج من الجرح
صدري يؤلمني
ابي لا يتنفس جيدا
امي اغمي عليها
高烧不退
烧到39度了
胸闷气短
刀口流血
妈妈晕倒了
发烧没有退
तेज बुखार है
टांके खुल गए
साँस फूल रही है
बहुत दर्द हो रहा है
39 de fièvre
du sang dans les urines
la plaie suinte
je n'arrive plus à respirer
mal au ventre terrible
j'ai des frissons
He has not passed stool
she cannot wake up
not breathing
the leg is not only swollen but red
""".strip().splitlines()
"""A person must hear of each at once."""

EVERYDAY = """
Thank you, the appointment on 15 December at 10:30 suits us.
Could you please confirm the appointment for Monday?
Attached is my passport and the discharge summary.
The blood test results are attached.
No fever, all is well.
I feel fine, no fever, no bleeding, no pain.
No fever, chills or bleeding.
I have no fever and no bleeding.
She does not have any fever.
The fever is gone, thank you.
He had a fever in 2019.
What do I do in case of fever?
I am confused about the visa form.
When is our flight? We need 38 days of visa.
We arrive on 12.01.2027 at 18:40, flight AI 102.
My emergency contact is my husband.
Please send the chest CT report.
Temperature 36.6, feeling good.
I had a seizure as a child many years ago.
The trip fits our plan well
Do I need a yellow fever certificate?
The hospital is not responding to my emails.
How much does the operation cost? 38 500 EUR?
We would like to change the hotel, room 39 is too small.
Is the wound clinic on Tuesday?
My mother is 38 years old.
Thanks for the discharge papers.
температуры нет, всё хорошо
Спасибо, мы получили письмо. Запись на 15 декабря в 10:30 подходит.
Нет температуры, нет кровотечения
Температура 36,6, чувствую себя хорошо
Прошу выслать приглашение для визы как можно скорее
В 2018 году была кровотечение
شكرا، الموعد يوم الاثنين مناسب
لا توجد حمى، كل شيء بخير
ليس عندي حمى ولا نزيف
ارسلت جواز السفر ونتيجة تحليل الدم
谢谢，12月15日的预约可以。
没有发烧，一切都好
不发烧，也没有出血
验血报告已附上
护照已寄出，请开具签证邀请函
बुखार नहीं है, सब ठीक है
धन्यवाद, सोमवार की अपॉइंटमेंट ठीक है।
खून की जांच की रिपोर्ट भेज दी है
bukhar nahi hai, sab theek
Merci, le rendez-vous du 15 décembre à 10h30 nous convient.
Pas de fièvre, tout va bien.
Aucune fièvre, aucun saignement.
Ci-joint la prise de sang et le passeport.
En cas de fièvre, que dois-je faire ?
J'ai du mal à ouvrir le fichier.
Please send the bill of 39,500 INR
We land at 10:38, gate 40
Thank you very much for your help
My father is 72 and had rectal cancer surgery in 2021, we look for options
I would like to know the price of the operation
The report says no sign of infection
Is pain normal after the operation?
I have a little pain in the arm
Our visa was refused, what now?
Do you need the CD with the scans?
She sleeps well and eats well
Wound is healing well
The wound is clean and dry.
The scar looks good, not red, not swollen.
Can we bring our son along?
Please call me tomorrow
I will be in the clinic at 9
Мы прилетаем 12 января рейсом SU 232
Пришлите, пожалуйста, счёт
Сколько стоит операция?
Шов чистый, заживает хорошо
Температура нормальная
我们1月12日到达
请问手术费用多少？
伤口愈合良好
伤口没有红肿
体温36.8，正常
कृपया अपॉइंटमेंट की तारीख बताएं
घाव ठीक है
बुखार नहीं आया
Combien coûte l'opération ?
La cicatrice est belle et propre
Nous arrivons le 12 janvier à 18h40
Température 36,9, tout va bien
متى موعد العملية؟
كم تكلفة العملية؟
الجرح نظيف
درجة الحرارة طبيعية 36.8
The wound is not red.
My leg is not swollen
The stitches are not open and not red
Le mollet n'est pas gonflé
нога не опухла
""".strip().splitlines()
"""None of these wakes anybody."""
