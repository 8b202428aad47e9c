"""Names of identifying fields in well-known systems: analytics, sales, identity, directories, health, advertising.

Tables for ``names``, from memory of the public documentation of each, which the comment before a line names. Codes of
up to four letters (``em``, ``fn``, ``ln``) identify only where they stand alone (``names``).
"""

from typing import Final

from service.core.identity.category import Category

WORDS_BY_SYSTEM: Final[dict[str, dict[Category, str]]] = {
    # Segment, Amplitude, PostHog, Mixpanel, Sentry, Intercom, Heap: who an event is of.
    "analytics": {
        "account": "previousid distinct_id amplitude_id insert_id person_id user_pseudo_id client_user_id "
        "intercom_id user_hash heap_identity snowplow_id domain_userid network_userid mp_user_id alias_id "
        "identity_id people_id lead_id contact_key subscriber_key user_key auth0_id stitched_user_id "
        "ga_session_id gaclientid ga_clientid yandex_client_id ym_uid metrika_client_id matomo_id pk_id "
        "piwik_visitor_id logrocket_id fullstory_uid hotjar_user_id clarity_id pendo_visitor_id "
        "walkme_id quantum_session_id",
        "device_serial": "identifier_for_vendor id_for_advertiser advertising_identifier android_id_hash "
        "device_fingerprint_id "
        "branch_id appsflyer_id adjust_id kochava_id singular_device_id install_referrer_id",
    },
    # Salesforce, HubSpot, Marketo, Zendesk, Pipedrive, Klaviyo, Braze, Iterable, Mailchimp.
    "sales": {
        "account": "hs_object_id hubspotutk hutk hubspot_id mkto_trk munchkin_id marketo_id zendesk_id "
        "requester_id assignee_id klaviyo_id kx_id braze_external_id user_alias alias_name iterable_user_id "
        "mailchimp_id leadid contact_lookup sfid sf_id salesforce_id ownerid whoid pardot_id "
        "zoho_id pipedrive_id freshdesk_id dynamics_id crm_contact",
        "email": "person_email email_bounced_address secondary_email alternate_email reply_to replyto",
        "phone": "mobile_phone home_phone assistant_phone other_phone person_mobile_phone main_phone",
        "name": "salutation_name assistant_name person_title lead_name account_owner_name",
        "address": "mailing_street mailing_city mailing_postal_code other_street other_city billing_street "
        "billing_city "
        "billing_postal_code shipping_street shipping_city person_mailing_street default_address",
        "date_of_birth": "person_birthdate birthdate_c",
    },
    # SAP: customers, suppliers, personnel, business partners and their addresses (tables KNA1, LFA1, PA0002, ADRC).
    "SAP": {
        "account": "kunnr lifnr pernr bname usnam bu_partner parnr partner_number ernam aenam perid "
        "business_partner_id",
        "name": "vorna nachn name_first name_last name1 name2 anred sortl mc_namefirst mc_namelast cname_person",
        "address": "stras pstlz ort01 ort02 adrnr post_code1 city1 house_num1 pfach str_suppl1",
        "phone": "telf1 telf2 telfx tel_number fax_number mob_number",
        "email": "smtp_addr smtpadr",
        "government_id": "stcd1 stcd2 stcd3 stceg",
        "payment": "bankn bankl koinh swift_code",
        "date_of_birth": "gbdat gbort",
        "other": "gesch_pers famst natio konfe",
    },
    # Shopify, WooCommerce, Stripe, Adyen, PayPal.
    "shops": {
        "account": "shopify_y shopify_s shopify_customer_id checkout_token cart_token customer_locale_id wp_user_id "
        "woocommerce_customer client_reference_id shopper_reference payer_id merchant_customer_id buyer_accepts_id "
        "stripe_customer_id receipt_number confirmation_code",
        "payment": "payment_method_id shopper_iban card_holder_name card_number_last4 payer_account bank_account_id",
        "email": "receipt_email payer_email shopper_email",
        "network_id": "browser_ip shopper_ip customer_ip",
    },
    # OpenID Connect Core 5.1, Keycloak, Microsoft Entra, SCIM (RFC 7643), LDAP (RFC 4519, 2798), Active Directory.
    "identity": {
        "account": "preferred_username upn user_principal_name unique_name sam_account_name samaccountname "
        "object_guid objectsid object_sid distinguished_name dn_string uidnumber gidnumber employee_type_id "
        "immutable_id onpremises_sid idp_id nameid name_identifier federated_id ppid session_state_id "
        "krb_principal_name principal_name home_directory jpegphoto thumbnail_photo profile_url upn_suffix_user "
        "eppn eduperson_principal_name edu_person_targeted_id",
        "name": "given_name_en family_name_en formatted_name honorific_prefix honorific_suffix additional_name "
        "common_name nick_name",
        "email": "email_addresses proxy_addresses mail_nickname other_mails work_emails",
        "phone": "telephone_numbers facsimile_telephone_number business_phones ip_phone home_telephone_number "
        "pager_number mobile_telephone_number",
        "address": "street_address locality postal_address registered_address home_postal_address post_office_box "
        "physical_delivery_office_name",
        "credential": "jti id_token_hint code_verifier client_assertion user_password unicode_pwd "
        "x509_certificates user_certificate ssh_public_key totp_secret",
    },
    # vCard (RFC 6350), schema.org's Person and PostalAddress, FHIR R4's Patient.
    "cards and records": {
        "name": "alternate_name n_family n_given text_name mothers_name fathers_name",
        "phone": "telecom contact_point tel_work tel_home tel_cell",
        "email": "email_work email_home impp",
        "address": "adr_home adr_work post_office_box_number address_locality postal_code_ext home_location_address",
        "date_of_birth": "birth_date_time deceased_date deceased_date_time anniversary multiple_birth",
        "government_id": "tax_id vat_id national_identifier leicode iso6523",
        "account": "patient_identifier subject_reference practitioner_id encounter_id mrn_value",
        "other": "marital_status ethnicity_code race_code us_core_race us_core_ethnicity birth_sex allergy "
        "condition_code medication_statement",
        "location": "home_location work_location",
    },
    # Meta, Google, Microsoft, TikTok, X, LinkedIn, Pinterest, Snap, Adobe; the ids of IAB's vendors.
    "advertising": {
        "account": "fbclid_value fb_login_id madid mobile_ad_id anon_id external_ids wbraid gbraid dclid "
        "gclsrc_id ttclid "
        "twclid li_fat_id lifatid epik sccid sc_click_id yclid rdt_cid igshid mc_eid hsenc irclickid "
        "zanpid awc_id cjevent click_id clickid ecid mcid adobe_mcid amcv s_vi visitor_cookie_id uid2 euid_token "
        "id5_id id5id rampid ramp_id idl_env pubcid pub_common_id tdid ttd_id hadron_id panorama_id lotame_id "
        "criteo_id criteoid liveramp_id unified_id permutive_id zeotap_id netid_id muid publisher_provided_id ppid "
        "partner_id_sync match_id_cookie hashed_ids",
        "email": "hashed_email email_hash_sha256 sha256_email_address em_hash hem hems emailsha256 emailmd5",
        "phone": "sha256_phone_number ph_hash hashed_phone",
        "network_id": "client_ip_address ip_override user_ip_address",
    },
    # Directories, telephony and certificates (RFC 4519, 2865, 3325, 5280), blogs, shops, airlines, forms.
    "directories and travel": {
        "account": "user_identity asserted_identity preferred_identity caller_identity subscriber_identity "
        "idvisitor visitorid contact_vid frequent_flyer_number frequent_flyer frequent_traveler_number "
        "loyalty_number user_nicename redress_number "
        "known_traveler_number travelcard_no travelcard_number toll_tag_id toll_tag transponder_id "
        "fastag_id ezpass_number "
        "payroll_number payroll_no personnel_number табельный_номер",
        "government_id": "taxvat tax_vat car_license car_licence license_plate licence_plate number_plate",
        "email": "rfc822_name rfc822name",
        "other": "signature_image signature_data handwritten_signature",
    },
}

# What programmers make of the words of forms when a column has room for few letters.
ABBREVIATIONS: Final[dict[Category, str]] = {
    "email": "usreml custeml emladr email_adr e_addr eml_addr bcc cc_email",
    "phone": "phno phnum phone_nbr tel_nbr mob_nbr cell_nbr mobno cellno custph ph_no ph_num phn_no contactno",
    "name": "frst_nm fst_nm lst_nm mid_nm full_nm sur_nm fullnm firstnm lastnm cust_nm usr_nm acct_nm disp_nm "
    "next_of_kin",
    "address": "str_addr strt_nm postcd post_cd zip_cd zipcd pstl_cd city_nm addr_ln addrline home_addr res_addr "
    "bill_addr "
    "ship_addr mail_addr street_addr st_addr hse_no",
    "date_of_birth": "birth_dt brth_dt bth_dt birthdt dobirth dob_dt date_birth dt_of_birth dtbirth",
    "government_id": "tax_no tax_nr tax_num natl_id nat_id ppt_no pspt_no lic_no drv_lic drvlic dl_num ss_no "
    "ss_num socsec soc_sec",
    "payment": "acct_no acct_num acct_nbr acct_nr crd_no card_nbr crdt_card cc_num cc_nbr bnk_acct bank_acct iban_nbr",
    "account": "cust_no cust_num cust_nbr usr_id usr_no mbr_no mbr_id emp_no emp_nbr crm_no crm_nr crm_num loyalty_no "
    "loyalty_nr patron_no pat_no pat_id mpid ord_no ord_nbr",
    "other": "gndr sx_cd marital_st mar_stat ethn relig natlty political_view political_belief",
    "credential": "auth_header auth_hdr sess_id sess_tok acc_tok ref_tok pwd_hash pswd passwrd psswd",
    "network_id": "ip_addr ip_adr ipadr mac_adr mac_addr client_addr",
    "device_serial": "dev_id dev_sn ser_no ser_num device_sn hw_id",
}

CODES_ALONE: Final[dict[Category, str]] = {
    "phone": "ph phn tlf",
    "name": "fn ln nm fio n",
    "address": "adr zp ct zip",
    "date_of_birth": "db doby yob bd dt_nasc",
    "other": "ge gen",
    "account": "sub upn dn cn oid aid mid euid vtoken cuid tid_user ttp ttuid epik ecid uname usr acc guid",
    "email": "em eml mail",
}

# Parties to a shipment, a payment or a contract, by themselves: what such a column holds is who they are.
PARTIES_ALONE: Final = """
    consignee consignor addressee payee signatory policyholder beneficiary debtor creditor claimant remitter
    empfanger empfaenger absender fahrzeughalter halter_name versicherungsnehmer vertragsinhaber zahlungsempfanger
    destinataire expediteur signataire beneficiaire debiteur creancier souscripteur destinatario remitente firmante
    beneficiario tomador remetente mittente firmatario ontvanger afzender begunstigde modtager afsender mottaker
    avsender mottagare avsandare vastaanottaja lahettaja odbiorca nadawca prijemce odesilatel prijemca odosielatel
    cimzett felado destinatar expeditor alici gonderici gonderen lehtar παραληπτης αποστολεας получатель отправитель
    плательщик одержувач отримувач відправник المستلم المرسل المستفيد נמען שולח گیرنده فرستنده ذینفع
    प्राप्तकर्ता प्रेषक लाभार्थी penerima pengirim người_nhận người_gửi người_thụ_hưởng ผู้รับ ผู้ส่ง
    差出人 荷受人 名義人 寄件人 收货人
    受益人 付款人 收款人 수취인 수령인 발송인 예금주
    """
