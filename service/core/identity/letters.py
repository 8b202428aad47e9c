"""Names of people and places, from which the test of composed ids learns how the letters of names follow each other.

A sample of how names are spelt in Latin letters, in some sixty languages: the letters of other names follow each other
in the same way.
"""

from typing import Final

PEOPLE: Final = frozenset(
    """
    aaliyah abdullah abigail adele adrian agnes agnieszka aisha akira aleksander alessia alexandre alfonso alicia
    alina amina amir anastasia andrej andres anika annika antoine antonia arjun arthur astrid asuka august aurelie
    ayse barbora bartosz beatrice beatriz benedikt benjamin bjorn bogdan bojan branislav caroline catarina cecilia
    cedric chloe cosima dalia damian danijela danuta daria deepak denise dilara dmitri dominik dragan eduardo
    ekaterina elif elias elsa emanuel emre enrique erwin esther farah fatma federico ferenc filip franziska
    friedrich gerard gergely gheorghe giorgos grzegorz gunnar hamza haruto hedwig helga henriette hermann hideo
    hilda horst ignacio ilse imre ioana irina ismail istvan iwona jadwiga jelena jesper joanna jonna jovana jurgen
    kaito kamil karolina katerina kazimierz keiko khalid kirsten klara konstantin krzysztof lachlan laszlo leila
    lieselotte ljubica lothar lucie lyudmila maarten maciej madeleine magnus malin marek margarita mariana marjan
    markus marlene maryam matej matilda maurice mercedes mihai milena miriam miroslav mladen nadia naomi natalie
    nicola nikita nikolaus norbert ondrej orsolya oscar otto pascal paulina pawel pernille peer priya quentin
    radoslaw raphael reinhard rohit roland roman rosa rosemarie rudolf sakura salma samira sanne santiago satoshi
    selina serkan siegfried slobodan snezana solveig stella stefania suleiman sunita susanna sylvia szymon tamara
    tatsuya theodor tomas torsten ulrich ulrike vaclav valentin veronika vikram vojtech walentyna wiktor winfried
    wolfram xiaoming yannick yasmin yoko yvonne zdenek zeynep zuzana abadi aebi ackermann albrecht almeida alvarez
    andersen andersson andrade arnold bakker barros bauer baumann becker berger bergmann bianchi blanc bondarenko
    bernasconi brandt braun brunner burkhardt carvalho castillo castro chaudhary chevalier cohen colombo conti costa
    cruz dahl delgado deluca dijkstra dubois dumitru dupont duran engel eriksson esposito farkas ferrari ferreira
    fontaine forster fournier frei friedman fuchs fujita garnier gerber giordano girard goldstein gonzales graf
    greco gruber guerrero gustafsson haas hansen hartmann hasegawa herrmann herrera hofer horvat horvath huber
    iglesias ionescu ito ivanova jansen jensen johansson johnson jankowski jovanovic kaiser kaplan karlsson keller
    khan kim klein kobayashi koch kovac kovalenko kovacs kraus krause kruger lambert lang larsen laurent lefebvre
    lehmann leroy lindberg lombardi ludwig lund maier mancini marchetti marino markovic marques marshall martins
    mathieu mayer mazur mendes mendoza mercier meier meister moreau morales moreno moretti moser mukherjee murphy
    nakamura navarro nemeth nielsen nikolaidis nilsson novotny nowak ochoa oliveira olsen olsson ortega ozturk
    pacheco papadopoulos pavlovic pedersen pereira petersen peterson pettersson pfeiffer pichler pires ramirez reddy
    reyes ribeiro ricci richter rinaldi rivera rizzo roberts robinson rodrigues romano romero rossetti roth roux
    ruiz saito santoro santos sato sauer schaefer schmid schmitt scholz schroeder schulz schuster schwarz seiler
    serrano shevchenko simpson sorensen sousa stein steiner suarez suzuki svensson szabo tamura thomsen thompson
    toth tremblay vandenberg vargas vasquez vogel vogt watanabe weiss werner winkler winter wojcik wright yamamoto
    yildiz zimmermann ziegler zielinski adebayo adeola adeyemi afolabi akinwande babatunde balogun chiamaka chidi
    chinedu chinwe chukwu ebele emeka folake funmilayo ifeoma ikechukwu kehinde nkechi nnamdi obinna ogunleye okafor
    okeke okonkwo oladipo olufemi olumide oluwatobi onyekachi segun temitope tunde uchenna yetunde abubakar aliyu
    bello danjuma garba musa sani usman yakubu achieng kamau kariuki kimani mwangi njoroge ochieng odhiambo omondi
    otieno wanjiru juma mwamba nyerere abebe bekele desta getachew haile tesfaye yohannes dlamini khumalo mthembu
    ndlovu nkosi sibusiso thandiwe zulu mbeki kwame kofi kwabena mensah owusu asante diallo diop fall ndiaye sow
    traore toure keita coulibaly kone ouedraogo bai cai cao chang cheng cui deng ding dong duan fan fang feng fu gao
    gong guo han hao he hong hou hu huang jia jiang jin kong lai lei li liang liao lin liu long lu luo ma meng pan
    peng qian qin qiu ren shao shen shi song su sun tan tang tao tian wan wu xia xiao xie xiong xu xue yan yao ye
    yin yu yuan zeng zhao zheng zhong zhou zhu zou xiuying xiulan xiaohong xiaoli guiying guoqiang jianguo jianhua
    jianjun jiayi junjie lihua meiling mingxia shufen weidong xinyi yulan yuming zhiqiang zihan ziyi chiahao
    chiaying shuhua tsai hsieh hsu wong chan cheung leung lam ahn bae baek cho choi chung hwang jang jeon jeong
    jihoon jimin jisoo jiwoo kang kwon lim minho minjun minseo moon park seo seojun shin sohn soyeon sung yoon
    youngho yuna hyunwoo eunji aoki arai endo goto hashimoto hayashi honda ikeda inoue ishii ishikawa kaneko kato
    kikuchi kimura kondo maeda matsuda matsumoto mori murakami nakajima nakano nishimura nomura ogawa okada okamoto
    ono sakai sakamoto sasaki shibata shimizu takagi takeda ueda uchida yamada yamaguchi yamazaki yokoyama yoshida
    akiko ayumi daisuke emiko haruka hiroko ichiro kazuki kenta makoto masahiro megumi michiko naoko ryota shota
    takumi tomoko yosuke yumiko anh binh bui cuong dang dinh doan dung duong giang hai hanh hieu hoang hung huong
    huynh khanh kien lan linh loan mai minh ngoc nhung phan phuc phuong quang quynh son tam thanh thao thi thuy tien
    toan trang trinh trung tuan tuyet vinh vu xuan abdul adi agus ahmad andi arif ayu bambang budi dewi dwi eko
    fitri hartono indra iskandar joko kartika kurniawan lestari nugroho pratama putra putri rahayu rahman ratna
    rizky santoso saputra setiawan siti sri suharto surya susanto utami wahyuni wibowo widodo wijaya yanti yusof
    zainal aziz hafiz ibrahim nurul agarwal ananya anil anjali ashok banerjee bhatt chatterjee chopra das desai
    dinesh divya dutta gandhi ganesh ghosh goyal iyer jain joshi kapoor kaur kavita krishna krishnan lakshmi mahesh
    malhotra manish mehta mishra mohan nair naresh neha nikhil patil pillai pooja pradeep prakash rahul raja rajesh
    rakesh ramesh rani rao ravi sachin sanjay saxena shah shankar shetty shukla sinha sneha srinivasan subramaniam
    suresh trivedi varma venkatesh vijay yadav abbas abdi ahmadi akbar alavi amiri asghar azadeh bahram behnam
    ebrahimi farhad fariba ghasemi hashemi hosseini jafari karimi kazemi leyla mahdi mohammadi moradi mousavi nasrin
    parisa rahimi rezaei sadeghi shirin zahra abdallah abu alhassan aliya amal amr bilal faisal fawzi ghassan habib
    haddad hamid hariri hussein jamal kareem khadija khalil khoury laila mahmoud mansour marwan mona mustapha nasser
    noor omar osama rania rashid saeed salim samir sayed tariq walid yasser youssef zaid zaki adamczyk baran
    chmielewski czarnecki dabrowski dudek gorski grabowski jablonski kaczmarek kaminski kozlowski krol krawczyk
    lewandowski maciejewski majewski michalski nowicki olszewski ostrowski pawlowski piotrowski rutkowski sikora
    sobczak stepien szczepanska szulc szewczyk tomaszewski walczak wieczorek wisniewski witkowski wroblewski zajac
    zakrzewski zawadzki agata beata bozena ewa grazyna halina iga jacek jaroslaw jerzy kinga krystyna lukasz marcin
    mariusz przemyslaw rafal slawomir stanislaw tadeusz urszula wieslaw zbigniew zygmunt boyko danylo hrytsenko ihor
    kravchenko kravchuk lysenko marchenko melnyk mykola oleksandr oleksii olena petrenko polishchuk rudenko serhii
    shevchuk sydorenko taras tetiana tkachenko vasyl volodymyr yaroslav yuliia yuriy alekseev andreev belov egorov
    fedorov galina kiselev kozlov kuznetsov lebedev makarov mikhailov morozov nikolaev novikov orlov pavlov popov
    romanov semenov sidorov smirnov sokolov stepanov vasiliev volkov yegor zaitsev zhanna blazek cerny dvorak fiala
    hajek jelinek kucera nemec pokorny prochazka ruzicka sedlak svoboda vesely zeman balazs bodnar boros csaba
    gyorgy halasz kiss lakatos meszaros molnar nemes papp sandor szilagyi takacs varga balan constantin dragomir
    florea lupu matei munteanu nistor radu rusu stan stoica vasile dimitrov georgiev hristov ivaylo kolev petkov
    stoyanov todorov yordanov babic dokic ilic knezevic kovacevic lukic nikolic novakovic peric petrovic popovic
    savic simic stankovic stojanovic tomic vukovic zivkovic bozic juric matic maric alexopoulos antoniou
    christodoulou dimitriou georgiou ioannou konstantinou nikolaou panagiotis vasilis yannis berzins kalnins ozolins
    liepins jankauskas kazlauskas petrauskas tamm saar magi sepp kask kukk rebane korhonen virtanen makinen nieminen
    laine heikkinen koskinen jarvinen lehtonen saarinen niemi salminen aalto hakkinen lindqvist lindgren lundqvist
    bergstrom sjoberg ekstrom nystrom holm dahlberg eklund forsberg hedlund sandberg wallin haugen hagen berg bakken
    lien moen solberg strand tveit bjork gudmundsson jonsdottir sigurdsson bouchard gagnon lavoie cote fortin
    gauthier ouellet pelletier beaulieu boucher bourgeois charpentier dupuis faure gaillard guerin lacroix leclerc
    legrand lemaire marchand masson perrin renard rousseau roussel vidal aguilar avila benitez cabrera calderon
    campos cardenas cervantes contreras cordova espinoza estrada figueroa fuentes gallegos guzman jimenez juarez
    luna maldonado medina mejia molina montoya munoz nunez padilla pena ponce quintero rios rojas salazar salinas
    sandoval soto trujillo valdez vazquez vega velasquez villanueva zamora zuniga azevedo barbosa batista borges
    cardoso carneiro correia cunha dias duarte fonseca freitas goncalves lima lopes machado melo monteiro moraes
    moura nascimento neves nogueira pinto ramos rocha sales tavares teixeira vieira bennett brooks butler campbell
    carter clarke coleman collins cooper cox davies edwards evans foster graham green griffin hall harris hayes
    henderson hill howard hughes jackson jenkins kennedy king lloyd mitchell morgan morris myers nelson obrien
    osborne parker patterson perry phillips powell price reynolds richardson rogers ross russell sanders scott
    stewart sullivan thornton turner ward watson west wood young
    """.split()  # noqa: SIM905 - a list of words reads best as words
)

_PLACES_AND_WORDS: Final = frozenset(
    """
    aachen aarau amsterdam ankara antwerp athens augsburg baden bangkok barcelona basel beijing belgrade bergamo
    berlin bern bilbao birmingham bochum bogota bologna bonn bordeaux boston bratislava bremen brisbane bristol brno
    brussels bucharest budapest cairo calgary chennai chicago cologne copenhagen dallas debrecen delhi denver
    detroit dortmund dresden dublin duisburg edinburgh eindhoven erfurt essen florence frankfurt gdansk geneva genoa
    ghent glasgow gothenburg granada graz grenoble hamburg hannover helsinki houston innsbruck istanbul izmir
    jakarta karlsruhe kassel katowice kiev koeln krakow kyoto lausanne leeds leipzig liege lille linz lisbon
    liverpool ljubljana lodz london lublin lugano luzern lyon madrid malaga malmo manchester mannheim marseille
    melbourne milano montreal moscow mumbai muenchen munich nantes napoli nagoya oporto osaka oslo ostrava ottawa
    palermo paris phoenix plovdiv portland porto potsdam poznan prague riga rotterdam salzburg sapporo sarajevo
    seattle sevilla shanghai skopje sofia stockholm strasbourg stuttgart sydney tallinn tampere tbilisi thessaloniki
    tokyo toronto toulouse trieste torino turku uppsala utrecht valencia vancouver venezia verona vienna vilnius
    warszawa wien winterthur wroclaw zagreb zaragoza zuerich zurich street strasse platz avenue mobile office
    private customer number account patient person member student birthday doctor company hotel garden school
    hospital market station family mother father brother sister monday january february march april june july
    september october november december summer spring
    """.split()  # noqa: SIM905 - a list of words reads best as words
)

NAMES: Final = tuple(sorted(PEOPLE | _PLACES_AND_WORDS))
