"""Every URL and API call, as every role: what must come of it. tests/test_roles.py walks the table.

One line for each name and method: what to ask for (see role_walk.world), then one outcome for each
role in the order of role_walk.ROLES. `in` leads to the sign-in page, `go` anywhere else. A method that
is 405 for everybody has no line. Everything asked for belongs to `creator`: their application in review,
which `holder` has in hand, their certificate, their paper, their mandate for the agent's agency; their complaint
in review, which `judge` has in hand and whose signed link `respondent` has opened.

A POST is sent empty: 200 or 422 is the form with what is missing, `go` that it was carried out.
"""

ROWS = """
#                                                            anon crea stra agen revi seni lead audi admi hold judg gues resp
# The front door and the switches
web:landing                              -                GET  200  200  200  200  200  200  200  200  200  200  200  200  200
web:about                                -                GET  200  200  200  200  200  200  200  200  200  200  200  200  200
web:terms                                -                GET  200  200  200  200  200  200  200  200  200  200  200  200  200
web:privacy                              -                GET  200  200  200  200  200  200  200  200  200  200  200  200  200
web:contact                              -                GET  200  200  200  200  200  200  200  200  200  200  200  200  200
web:robots                               -                GET  200  200  200  200  200  200  200  200  200  200  200  200  200
web:home                                 -                GET  in   go   go   go   go   go   go   go   go   go   go   go   in
web:language                             -                POST go   go   go   go   go   go   go   go   go   go   go   go   go
web:theme                                -                POST go   go   go   go   go   go   go   go   go   go   go   go   go
web:session                              -                GET  200  200  200  200  200  200  200  200  200  200  200  200  200
web:gallery                              -                GET  200  200  200  200  200  200  200  200  200  200  200  200  200
# Certification: the public, creators, agents
certification:register                   -                GET  200  200  200  200  200  200  200  200  200  200  200  200  200
certification:certificate                serial           GET  200  200  200  200  200  200  200  200  200  200  200  200  200
certification:credential                 serial           GET  200  200  200  200  200  200  200  200  200  200  200  200  200
certification:badge                      serial           GET  200  200  200  200  200  200  200  200  200  200  200  200  200
certification:pdf                        serial           GET  200  200  200  200  200  200  200  200  200  200  200  200  200
certification:report                     serial           GET  200  go  200  200  200  200  200  200  200  200  200  200  200
certification:report                     serial           POST 422  go  422  422  422  422  422  422  422  422  422  422  422
certification:status_list                status_list      GET  200  200  200  200  200  200  200  200  200  200  200  200  200
certification:oembed                     -                GET  404  404  404  404  404  404  404  404  404  404  404  404  404
certification:did_document               -                GET  200  200  200  200  200  200  200  200  200  200  200  200  200
certification:areas                      -                GET  200  200  200  200  200  200  200  200  200  200  200  200  200
certification:area                       area             GET  200  200  200  200  200  200  200  200  200  200  200  200  200
certification:sitemap                    -                GET  200  200  200  200  200  200  200  200  200  200  200  200  200
certification:sitemap_part               section          GET  200  200  200  200  200  200  200  200  200  200  200  200  200
certification:home                       -                GET  in   200  200  200  go   go   go   go   go   go   go   go   in
certification:home                       -                POST in   405  405  405  405  405  405  405  405  405  405  405  in
certification:area_choice                -                GET  in   200  200  200  403  403  403  403  403  403  403  403  in
certification:area_choice                -                POST in   405  405  405  403  403  403  403  403  403  403  403  in
certification:application_start          area             GET  in   200  200  200  403  403  403  403  403  403  403  403  in
certification:application_start          area             POST in   422  422  422  403  403  403  403  403  403  403  403  in
certification:application                number           GET  in   200  404  200  404  404  404  404  404  404  404  404  in
certification:application                number           POST in   200  404  200  404  404  404  404  404  404  404  404  in
certification:about                      number           GET  in   go   404  go   404  404  404  404  404  404  404  404  in
certification:about                      number           POST in   go   404  go   404  404  404  404  404  404  404  404  in
certification:evidence                   number           GET  in   go   404  go   404  404  404  404  404  404  404  404  in
certification:evidence                   number           POST in   go   404  go   404  404  404  404  404  404  404  404  in
certification:check                      number           GET  in   go   404  go   404  404  404  404  404  404  404  404  in
certification:check                      number           POST in   go   404  go   404  404  404  404  404  404  404  404  in
certification:reading                    number           GET  in   200  404  200  404  404  404  404  404  404  404  404  in
certification:reading                    number           POST in   405  404  405  404  404  404  404  404  404  404  404  in
certification:draft_discard              number           GET  in   go   404  go   404  404  404  404  404  404  404  404  in
certification:draft_discard              number           POST in   go   404  go   404  404  404  404  404  404  404  404  in
certification:request_answer             number           GET  in   go   404  go   404  404  404  404  404  404  404  404  in
certification:request_answer             number           POST in   go   404  go   404  404  404  404  404  404  404  404  in
certification:withdrawal                 number           GET  in   200  404  200  404  404  404  404  404  404  404  404  in
certification:withdrawal                 number           POST in   go   404  go   404  404  404  404  404  404  404  404  in
certification:appeal                     number           GET  in   go   404  go   404  404  404  404  404  404  404  404  in
certification:appeal                     number           POST in   go   404  go   404  404  404  404  404  404  404  404  in
certification:paper                      file             GET  in   200  404  404  404  404  404  404  404  404  404  404  in
certification:paper                      file             POST in   405  405  405  405  405  405  405  405  405  405  405  in
certification:held                       serial           GET  in   200  404  404  404  404  404  404  404  404  404  404  in
certification:held                       serial           POST in   200  404  404  404  404  404  404  404  404  404  404  in
certification:renewal                    serial           GET  in   go   404  404  404  404  404  404  404  404  404  404  in
certification:renewal                    serial           POST in   403  404  404  404  404  404  404  404  404  404  404  in
certification:renewal_unchanged          serial           GET  in   go   404  404  404  404  404  404  404  404  404  404  in
certification:renewal_unchanged          serial           POST in   go   404  404  404  404  404  404  404  404  404  404  in
certification:change_report              serial           GET  in   200  404  404  404  404  404  404  404  404  404  404  in
certification:change_report              serial           POST in   422  404  404  404  404  404  404  404  404  404  404  in
certification:inspection_answer          serial           GET  in   go   404  404  404  404  404  404  404  404  404  404  in
certification:inspection_answer          serial           POST in   go   404  404  404  404  404  404  404  404  404  404  in
certification:unchanged_renewals         -                GET  in   403  403  403  200  200  403  403  403  200  200  403  in
certification:unchanged_renewals         -                POST in   403  403  403  422  422  403  403  403  422  422  403  in
certification:batches                    -                GET  in   403  403  403  403  200  200  200  200  403  403  403  in
certification:suspension_batch           -                GET  in   403  403  403  403  403  200  403  200  403  403  403  in
certification:suspension_batch           -                POST in   403  403  403  403  403  422  403  422  403  403  403  in
certification:batch                      batch            GET  in   403  403  403  404  200  200  200  200  404  404  403  in
certification:batch_confirmation         batch            GET  in   403  403  403  403  200  403  403  403  403  403  403  in
certification:batch_confirmation         batch            POST in   403  403  403  403  go   403  403  403  403  403  403  in
certification:batch_discarding           batch            GET  in   403  403  403  403  403  200  403  200  403  403  403  in
certification:batch_discarding           batch            POST in   403  403  403  403  403  go   403  go   403  403  403  in
certification:abolitions                 -                GET  in   403  403  403  200  200  200  200  200  200  200  403  in
certification:abolitions                 -                POST in   403  403  403  200  200  422  200  422  200  200  403  in
certification:abolition_announcement     abolition        GET  in   403  403  403  403  403  200  403  200  403  403  403  in
certification:abolition_announcement     abolition        POST in   403  403  403  403  403  go   403  go   403  403  403  in
certification:abolition_calling_off      abolition        GET  in   403  403  403  403  403  200  403  200  403  403  403  in
certification:abolition_calling_off      abolition        POST in   403  403  403  403  403  go   403  go   403  403  403  in
certification:inspections                -                GET  in   403  403  403  200  200  200  200  200  200  200  403  in
certification:inspections                -                POST in   403  403  403  404  404  404  404  404  404  404  403  in
certification:surrender                  serial           GET  in   200  404  404  404  404  404  404  404  404  404  404  in
certification:surrender                  serial           POST in   go   404  404  404  404  404  404  404  404  404  404  in
certification:inquiry_answer             serial           GET  in   go   404  404  404  404  404  404  404  404  404  404  in
certification:inquiry_answer             serial           POST in   go   404  404  404  404  404  404  404  404  404  404  in
certification:revocation_appeal          serial           GET  in   go   404  404  404  404  404  404  404  404  404  404  in
certification:revocation_appeal          serial           POST in   go   404  404  404  404  404  404  404  404  404  404  in
certification:doubt                      serial           GET  in   403  403  403  200  200  200  403  200  200  200  403  in
certification:doubt                      serial           POST in   403  403  403  422  422  422  403  422  422  422  403  in
certification:review_ask                 case             GET  in   403  403  403  go   go   403  403  403  go   go   403  in
certification:review_ask                 case             POST in   403  403  403  409  409  403  403  403  422  409  403  in
certification:review_look_up             case_credential  GET  in   403  403  403  go   go   403  403  403  go   go   403  in
certification:review_look_up             case_credential  POST in   403  403  403  422  422  403  403  403  422  422  403  in
certification:review_ask_register        case_credential  GET  in   403  403  403  go   go   403  403  403  go   go   403  in
certification:review_ask_register        case_credential  POST in   403  403  403  403  403  403  403  403  409  403  403  in
certification:review_paper               case_document    GET  in   403  403  403  go   go   403  403  403  go   go   403  in
certification:review_paper               case_document    POST in   403  403  403  422  422  403  403  403  422  422  403  in
certification:review_number              case_credential  GET  in   403  403  403  go   go   403  403  403  go   go   403  in
certification:review_number              case_credential  POST in   403  403  403  403  403  403  403  403  200  403  403  in
# Certification: the rules, for area leads
certification:rules                      -                GET  in   403  403  403  403  403  200  403  200  403  403  403  in
certification:rules                      -                POST in   403  403  403  403  403  405  403  405  403  403  403  in
certification:rules_area_new             -                GET  in   403  403  403  403  403  200  403  200  403  403  403  in
certification:rules_area_new             -                POST in   403  403  403  403  403  422  403  422  403  403  403  in
certification:rules_area                 area             GET  in   403  403  403  403  403  200  403  200  403  403  403  in
certification:rules_area                 area             POST in   403  403  403  403  403  404  403  404  403  403  403  in
certification:rules_area_edit            area             GET  in   403  403  403  403  403  200  403  200  403  403  403  in
certification:rules_area_edit            area             POST in   403  403  403  403  403  422  403  422  403  403  403  in
certification:rules_category_new         -                GET  in   403  403  403  403  403  200  403  200  403  403  403  in
certification:rules_category_new         -                POST in   403  403  403  403  403  422  403  422  403  403  403  in
certification:rules_category             category         GET  in   403  403  403  403  403  200  403  200  403  403  403  in
certification:rules_category             category         POST in   403  403  403  403  403  422  403  422  403  403  403  in
certification:rules_types                -                GET  in   403  403  403  403  403  200  403  200  403  403  403  in
certification:rules_types                -                POST in   403  403  403  403  403  405  403  405  403  403  403  in
certification:rules_type_new             -                GET  in   403  403  403  403  403  200  403  200  403  403  403  in
certification:rules_type_new             -                POST in   403  403  403  403  403  422  403  422  403  403  403  in
certification:rules_type                 rule_type        GET  in   403  403  403  403  403  200  403  200  403  403  403  in
certification:rules_type                 rule_type        POST in   403  403  403  403  403  go   403  go   403  403  403  in
certification:rules_draft                rule_draft       GET  in   403  403  403  403  403  200  403  200  403  403  403  in
certification:rules_draft                rule_draft       POST in   403  403  403  403  403  422  403  422  403  403  403  in
certification:rules_draft_discard        rule_draft       GET  in   403  403  403  403  403  200  403  200  403  403  403  in
certification:rules_draft_discard        rule_draft       POST in   403  403  403  403  403  go   403  go   403  403  403  in
certification:rules_preview              rule_draft       GET  in   403  403  403  403  403  200  403  200  403  403  403  in
certification:rules_preview              rule_draft       POST in   403  403  403  403  403  422  403  422  403  403  403  in
certification:rules_change               rule_change      GET  in   403  403  403  403  403  200  403  200  403  403  403  in
certification:rules_change               rule_change      POST in   403  403  403  403  403  go   403  go   403  403  403  in
# People
people:profile                         -                GET  in   200  200  200  200  200  200  200  200  200  200  200  in
people:profile                         -                POST in   200  200  200  200  200  200  200  200  200  200  200  in
people:form_draft                      -                POST 403  403  403  403  403  403  403  403  403  403  403  403  403
people:close                           -                GET  in   200  200  200  200  200  200  200  200  200  200  200  in
people:close                           -                POST in   200  200  200  200  200  200  200  200  200  200  200  in
privacy:data                           -                GET  in   200  200  200  200  200  200  200  200  200  200  200  in
privacy:data                           -                POST in   405  405  405  405  405  405  405  405  405  405  405  in
privacy:erasure                        -                GET  in   200  200  200  200  200  200  200  200  200  200  200  in
privacy:erasure                        -                POST in   200  200  200  200  200  200  200  200  200  200  200  in
privacy:erasure_cancel                 -                GET  in   405  405  405  405  405  405  405  405  405  405  405  in
privacy:erasure_cancel                 -                POST in   go   go   go   go   go   go   go   go   go   go   go   in
privacy:export                         -                GET  in   405  405  405  405  405  405  405  405  405  405  405  in
privacy:export                         -                POST in   go   go   go   go   go   go   go   go   go   go   go   in
privacy:link                           export           GET  in   200  404  404  404  404  404  404  404  404  404  404  in
privacy:link                           export           POST in   405  405  405  405  405  405  405  405  405  405  405  in
privacy:download                       no_download      GET  in   go   404  404  404  404  404  404  404  404  404  404  in
privacy:download                       no_download      POST in   405  405  405  405  405  405  405  405  405  405  405  in
privacy:sign_in_again                  -                GET  in   405  405  405  405  405  405  405  405  405  405  405  in
privacy:sign_in_again                  -                POST in   in   in   in   in   in   in   in   in   in   in   go   in
people:second_factor                   -                GET  in   200  200  200  200  200  200  200  200  200  200  200  in
people:second_factor                   -                POST in   405  405  405  405  405  405  405  405  405  405  405  in
people:recovery_request                -                GET  in   go   go   go   go   go   go   go   go   go   go   go   in
people:recovery_request                -                POST in   go   go   go   go   go   go   go   go   go   go   go   in
people:mandates                        -                GET  in   200  200  403  403  403  403  403  403  403  403  403  in
people:mandates                        -                POST in   200  200  403  403  403  403  403  403  403  403  403  in
people:mandate_end                     mandate          GET  in   405  405  403  403  403  403  403  403  403  403  403  in
people:mandate_end                     mandate          POST in   go   404  403  403  403  403  403  403  403  403  403  in
people:clients                         -                GET  in   403  403  200  403  403  403  403  403  403  403  403  in
people:clients                         -                POST in   403  403  405  403  403  403  403  403  403  403  403  in
people:recoveries                      -                GET  in   403  403  403  403  403  403  403  200  403  403  403  in
people:recoveries                      -                POST in   403  403  403  403  403  403  403  405  403  403  403  in
people:recovery_open                   -                GET  in   403  403  403  403  403  403  403  200  403  403  403  in
people:recovery_open                   -                POST in   403  403  403  403  403  403  403  200  403  403  403  in
people:recovery                        recovery         GET  in   403  403  403  403  403  403  403  200  403  403  403  in
people:recovery                        recovery         POST in   403  403  403  403  403  403  403  200  403  403  403  in
# Signing in and out (allauth)
account_login                            -                GET  200  go   go   go   go   go   go   go   go   go   go   go   200
account_login                            -                POST 200  go   go   go   go   go   go   go   go   go   go   go   200
account_logout                           -                GET  go   200  200  200  200  200  200  200  200  200  200  200  go
account_logout                           -                POST go   go   go   go   go   go   go   go   go   go   go   go   go
account_inactive                         -                GET  200  200  200  200  200  200  200  200  200  200  200  200  200
account_signup                           -                GET  200  go   go   go   go   go   go   go   go   go   go   go   200
account_signup                           -                POST 200  go   go   go   go   go   go   go   go   go   go   go   200
account_reauthenticate                   -                GET  in   403  403  403  403  403  403  403  403  403  403  403  in
account_reauthenticate                   -                POST in   403  403  403  403  403  403  403  403  403  403  403  in
account_email                            -                GET  in   200  200  200  200  200  200  200  200  200  200  200  in
account_email                            -                POST in   go   go   go   go   go   go   go   go   go   go   go   in
account_email_verification_sent          -                GET  in   go   go   go   go   go   go   go   go   go   go   go   in
account_email_verification_sent          -                POST in   go   go   go   go   go   go   go   go   go   go   go   in
account_change_password                  -                GET  in   go   go   go   go   go   go   go   go   go   go   go   in
account_change_password                  -                POST in   go   go   go   go   go   go   go   go   go   go   go   in
account_set_password                     -                GET  in   200  200  200  200  200  200  200  200  200  200  200  in
account_set_password                     -                POST in   200  200  200  200  200  200  200  200  200  200  200  in
account_reset_password                   -                GET  200  200  200  200  200  200  200  200  200  200  200  200  200
account_reset_password                   -                POST 200  200  200  200  200  200  200  200  200  200  200  200  200
account_confirm_login_code               -                GET  in   go   go   go   go   go   go   go   go   go   go   go   in
account_confirm_login_code               -                POST in   go   go   go   go   go   go   go   go   go   go   go   in
account_confirm_password_reset_code      -                GET  in   in   in   in   in   in   in   in   in   in   in   in   in
account_confirm_password_reset_code      -                POST in   in   in   in   in   in   in   in   in   in   in   in   in
account_complete_password_reset          -                GET  go   go   go   go   go   go   go   go   go   go   go   go   go
account_complete_password_reset          -                POST go   go   go   go   go   go   go   go   go   go   go   go   go
account_password_reset_completed         -                GET  200  200  200  200  200  200  200  200  200  200  200  200  200
account_signup_by_passkey                -                GET  200  go   go   go   go   go   go   go   go   go   go   go   200
account_signup_by_passkey                -                POST 200  go   go   go   go   go   go   go   go   go   go   go   200
account_request_login_code               -                GET  200  go   go   go   go   go   go   go   go   go   go   go   200
account_request_login_code               -                POST 200  go   go   go   go   go   go   go   go   go   go   go   200
# Second factors (allauth)
mfa_index                                -                GET  in   200  200  200  200  200  200  200  200  200  200  200  in
mfa_index                                -                POST in   405  405  405  405  405  405  405  405  405  405  405  in
mfa_authenticate                         -                GET  in   go   go   go   go   go   go   go   go   go   go   go   in
mfa_authenticate                         -                POST in   go   go   go   go   go   go   go   go   go   go   go   in
mfa_reauthenticate                       -                GET  in   403  403  403  403  403  403  403  403  403  403  403  in
mfa_reauthenticate                       -                POST in   403  403  403  403  403  403  403  403  403  403  403  in
mfa_activate_totp                        -                GET  in   200  200  200  200  200  200  200  200  200  200  200  in
mfa_activate_totp                        -                POST in   200  200  200  200  200  200  200  200  200  200  200  in
mfa_deactivate_totp                      -                GET  in   404  404  404  404  404  404  404  404  404  404  404  in
mfa_deactivate_totp                      -                POST in   404  404  404  404  404  404  404  404  404  404  404  in
mfa_view_recovery_codes                  -                GET  in   404  404  404  404  404  404  404  404  404  404  404  in
mfa_view_recovery_codes                  -                POST in   405  405  405  405  405  405  405  405  405  405  405  in
mfa_generate_recovery_codes              -                GET  in   200  200  200  200  200  200  200  200  200  200  200  in
mfa_generate_recovery_codes              -                POST in   200  200  200  200  200  200  200  200  200  200  200  in
mfa_download_recovery_codes              -                GET  in   404  404  404  404  404  404  404  404  404  404  404  in
mfa_download_recovery_codes              -                POST in   404  404  404  404  404  404  404  404  404  404  404  in
mfa_list_webauthn                        -                GET  in   200  200  200  200  200  200  200  200  200  200  200  in
mfa_list_webauthn                        -                POST in   405  405  405  405  405  405  405  405  405  405  405  in
mfa_add_webauthn                         -                GET  in   200  200  200  200  200  200  200  200  200  200  200  in
mfa_add_webauthn                         -                POST in   200  200  200  200  200  200  200  200  200  200  200  in
mfa_reauthenticate_webauthn              -                GET  in   403  403  403  403  403  403  403  403  403  403  403  in
mfa_reauthenticate_webauthn              -                POST in   403  403  403  403  403  403  403  403  403  403  403  in
mfa_remove_webauthn                      key              GET  in   404  404  404  404  404  404  404  404  404  404  404  in
mfa_remove_webauthn                      key              POST in   404  404  404  404  404  404  404  404  404  404  404  in
mfa_edit_webauthn                        key              GET  in   404  404  404  404  404  404  404  404  404  404  404  in
mfa_edit_webauthn                        key              POST in   404  404  404  404  404  404  404  404  404  404  404  in
mfa_login_webauthn                       -                GET  in   go   go   go   go   go   go   go   go   go   go   go   in
mfa_login_webauthn                       -                POST in   go   go   go   go   go   go   go   go   go   go   go   in
mfa_signup_webauthn                      -                GET  go   go   go   go   go   go   go   go   go   go   go   go   go
mfa_signup_webauthn                      -                POST go   go   go   go   go   go   go   go   go   go   go   go   go
usersessions_list                        -                GET  in   200  200  200  200  200  200  200  200  200  200  200  in
usersessions_list                        -                POST in   go   go   go   go   go   go   go   go   go   go   go   in
# Demo
demo:sign_in                             -                POST 404  404  404  404  404  404  404  404  404  404  404  404  404
demo:outbox                              -                GET  200  200  200  200  200  200  200  200  200  200  200  200  200
demo:clock                               -                GET  200  200  200  200  200  200  200  200  200  200  200  200  200
demo:clock                               -                POST 200  200  200  200  200  200  200  200  200  200  200  200  200
# Administration; pages of rows stand in ADMIN below
admin:index                              -                GET  in   403  403  403  403  403  403  403  200  403  403  403  in
admin:index                              -                POST in   403  403  403  403  403  403  403  200  403  403  403  in
admin:jsi18n                             -                GET  in   403  403  403  403  403  403  403  200  403  403  403  in
admin:jsi18n                             -                POST in   403  403  403  403  403  403  403  405  403  403  403  in
admin:app_list                           app              GET  in   403  403  403  403  403  403  403  200  403  403  403  in
admin:app_list                           app              POST in   403  403  403  403  403  403  403  200  403  403  403  in
admin:people_user_find                 -                GET  in   403  403  403  403  403  403  403  200  403  403  403  in
admin:people_user_find                 -                POST in   403  403  403  403  403  403  403  200  403  403  403  in
admin:people_user_role                 person           GET  in   403  403  403  403  403  403  403  200  403  403  403  in
admin:people_user_role                 person           POST in   403  403  403  403  403  403  403  200  403  403  403  in
admin:people_user_deactivate           person           GET  in   403  403  403  403  403  403  403  200  403  403  403  in
admin:people_user_deactivate           person           POST in   403  403  403  403  403  403  403  200  403  403  403  in
admin:people_user_reactivate           person           GET  in   403  403  403  403  403  403  403  200  403  403  403  in
admin:people_user_reactivate           person           POST in   403  403  403  403  403  403  403  200  403  403  403  in
admin:api_client_scopes                  api_client       GET  in   403  403  403  403  403  403  403  200  403  403  403  in
admin:api_client_scopes                  api_client       POST in   403  403  403  403  403  403  403  200  403  403  403  in
admin:api_client_secret                  api_client       GET  in   403  403  403  403  403  403  403  200  403  403  403  in
admin:api_client_secret                  api_client       POST in   403  403  403  403  403  403  403  200  403  403  403  in
admin:api_client_old_secret              api_client       GET  in   403  403  403  403  403  403  403  200  403  403  403  in
admin:api_client_old_secret              api_client       POST in   403  403  403  403  403  403  403  200  403  403  403  in
admin:api_client_end                     api_client       GET  in   403  403  403  403  403  403  403  200  403  403  403  in
admin:api_client_end                     api_client       POST in   403  403  403  403  403  403  403  go   403  403  403  in
admin:webhook_endpoint_edit              webhook          GET  in   403  403  403  403  403  403  403  200  403  403  403  in
admin:webhook_endpoint_edit              webhook          POST in   403  403  403  403  403  403  403  200  403  403  403  in
admin:webhook_endpoint_secret            webhook          GET  in   403  403  403  403  403  403  403  200  403  403  403  in
admin:webhook_endpoint_secret            webhook          POST in   403  403  403  403  403  403  403  200  403  403  403  in
admin:webhook_endpoint_test              webhook          GET  in   403  403  403  403  403  403  403  200  403  403  403  in
admin:webhook_endpoint_test              webhook          POST in   403  403  403  403  403  403  403  go   403  403  403  in
admin:webhook_endpoint_disable           webhook          GET  in   403  403  403  403  403  403  403  200  403  403  403  in
admin:webhook_endpoint_disable           webhook          POST in   403  403  403  403  403  403  403  go   403  403  403  in
admin:webhook_endpoint_enable            webhook          GET  in   403  403  403  403  403  403  403  200  403  403  403  in
admin:webhook_endpoint_enable            webhook          POST in   403  403  403  403  403  403  403  200  403  403  403  in
admin:webhook_endpoint_end               webhook          GET  in   403  403  403  403  403  403  403  200  403  403  403  in
admin:webhook_endpoint_end               webhook          POST in   403  403  403  403  403  403  403  go   403  403  403  in
admin:webhook_delivery_again             webhook_delivery GET  in   403  403  403  403  403  403  403  200  403  403  403  in
admin:webhook_delivery_again             webhook_delivery POST in   403  403  403  403  403  403  403  go   403  403  403  in
admin:webhook_delivery_attempts          webhook_delivery GET  in   403  403  403  403  403  403  403  200  403  403  403  in
admin:webhook_delivery_attempts          webhook_delivery POST in   403  403  403  403  403  403  403  200  403  403  403  in
# For programs
tokens:token                             -                POST 400  400  400  400  400  400  400  400  400  400  400  400  400
tokens:revoke                            -                POST 400  400  400  400  400  400  400  400  400  400  400  400  400
certification_api:areas                  -                GET  200  200  200  200  200  200  200  200  200  200  200  200  200
certification_api:gate                   -                GET  401  401  401  401  401  401  401  401  401  401  401  401  401
certification_api:gate                   -                POST 401  401  401  401  401  401  401  401  401  401  401  401  401
certification_api:gate_list              -                GET  401  401  401  401  401  401  401  401  401  401  401  401  401
certification_api:gate_list              -                POST 401  401  401  401  401  401  401  401  401  401  401  401  401
certification_api:profession_gate        -                GET  401  401  401  401  401  401  401  401  401  401  401  401  401
certification_api:profession_gate        -                POST 401  401  401  401  401  401  401  401  401  401  401  401  401
certification_api:professions            -                GET  200  200  200  200  200  200  200  200  200  200  200  200  200
certification_api:certificate_snapshot   -                GET  401  401  401  401  401  401  401  401  401  401  401  401  401
certification_api:certificate_snapshot   -                POST 401  401  401  401  401  401  401  401  401  401  401  401  401
certification_api:certificate_changes    -                GET  401  401  401  401  401  401  401  401  401  401  401  401  401
certification_api:certificate_changes    -                POST 401  401  401  401  401  401  401  401  401  401  401  401  401
certification_api:certificates           -                GET  200  200  200  200  200  200  200  200  200  200  200  200  200
certification_api:certificate            serial           GET  200  200  200  200  200  200  200  200  200  200  200  200  200
certification_api:applications           -                GET  401  200  200  200  403  403  403  403  403  403  403  403  401
certification_api:applications           -                POST 401  405  405  405  403  403  403  403  403  403  403  403  401
certification_api:application            number           GET  401  200  404  200  403  403  403  403  403  403  403  403  401
certification_api:application            number           POST 401  405  405  405  403  403  403  403  403  403  403  403  401
api_schema                               -                GET  200  200  200  200  200  200  200  200  200  200  200  200  200
api_docs                                 -                GET  200  200  200  200  200  200  200  200  200  200  200  200  200
platform_contract                        -                GET  200  200  200  200  200  200  200  200  200  200  200  200  200
platform_contract_document               -                GET  200  200  200  200  200  200  200  200  200  200  200  200  200
platform_events:receive                  nowhere          POST 404  404  404  404  404  404  404  404  404  404  404  404  404
api_unknown                              nothing          GET  404  404  404  404  404  404  404  404  404  404  404  404  404
api_unknown                              nothing          POST 404  404  404  404  404  404  404  404  404  404  404  404  404
# Operations
healthz                                  -                GET  200  200  200  200  200  200  200  200  200  200  200  200  200
metrics                                  -                GET  200  200  200  200  200  200  200  200  200  200  200  200  200
# Messages
notifications:inbox                      -                GET  in   200  200  200  200  200  200  200  200  200  200  200  in
notifications:inbox                      -                POST in   405  405  405  405  405  405  405  405  405  405  405  in
notifications:undelivered                -                GET  in   403  403  403  403  403  403  403  200  403  403  403  in
notifications:undelivered                -                POST in   405  405  405  405  405  405  405  405  405  405  405  in
notifications:send_again                 note             GET  in   405  405  405  405  405  405  405  405  405  405  405  in
notifications:send_again                 note             POST in   403  403  403  403  403  403  403  go   403  403  403  in
# Papers
evidence:viewer                          file             GET  in   200  404  404  404  404  404  404  404  200  404  404  in
evidence:viewer                          file             POST in   405  405  405  405  405  405  405  405  405  405  405  in
evidence:page                            file_page        GET  in   200  404  404  404  404  404  404  404  200  404  404  in
evidence:page                            file_page        POST in   405  405  405  405  405  405  405  405  405  405  405  in
evidence:status                          file             GET  404  200  404  404  404  404  404  404  404  200  404  404  404
outbound:lookup                          lookup           GET  200  200  200  200  200  200  200  200  200  200  200  200  200
evidence:looks                           -                GET  in   200  200  200  200  200  200  200  200  200  200  200  in
evidence:looks                           -                POST in   405  405  405  405  405  405  405  405  405  405  405  in
evidence:original                        file             GET  in   200  404  404  404  404  404  404  404  404  404  404  in
evidence:original                        file             POST in   405  405  405  405  405  405  405  405  405  405  405  in
# Platforms
connectors:status                        -                GET  in   403  403  403  403  403  200  403  200  403  403  403  in
connectors:check                         platform         POST in   403  403  403  403  403  go   403  go   403  403  403  in
# The queue
reviews:queue                            -                GET  in   403  403  403  200  200  200  200  403  200  200  403  in
reviews:next                             -                GET  in   403  403  403  go   go   go   go   403  go   go   403  in
reviews:next                             -                POST in   403  403  403  go   go   403  403  403  go   go   403  in
reviews:team                             -                GET  in   403  403  403  200  200  200  200  403  200  200  403  in
reviews:conflicts                        -                GET  in   403  403  403  200  200  403  403  403  200  200  403  in
reviews:conflicts                        -                POST in   403  403  403  422  422  403  403  403  422  422  403  in
reviews:case                             case             GET  in   403  403  403  200  200  200  200  403  200  200  403  in
reviews:case_page                        case             GET  in   403  403  403  go   go   go   go   403  200  go   403  in
reviews:case_page                        case             POST in   403  403  403  405  405  405  405  403  405  405  403  in
reviews:decide                           case_verb        GET  in   403  403  403  go   go   403  403  403  go   go   403  in
reviews:decide                           case_verb        POST in   403  403  403  409  409  403  403  403  422  409  403  in
reviews:confirm                          case             GET  in   403  403  403  go   go   403  403  403  go   go   403  in
reviews:confirm                          case             POST in   403  403  403  409  409  403  403  403  422  409  403  in
reviews:second_look                      case             GET  in   403  403  403  go   go   403  403  403  go   go   403  in
reviews:second_look                      case             POST in   403  403  403  405  405  403  403  403  405  405  403  in
reviews:send_back                        case             GET  in   403  403  403  go   go   403  403  403  go   go   403  in
reviews:send_back                        case             POST in   403  403  403  409  409  403  403  403  422  409  403  in
reviews:case_page                        review           GET  in   403  403  403  go   go   go   go   403  go   200  403  in
reviews:case_page                        review           POST in   403  403  403  405  405  405  405  403  405  405  403  in
reviews:decide                           review_verb      GET  in   403  403  403  go   go   403  403  403  go   go   403  in
reviews:decide                           review_verb      POST in   403  403  403  409  409  403  403  403  409  422  403  in
reviews:confirm                          review           GET  in   403  403  403  go   go   403  403  403  go   go   403  in
reviews:confirm                          review           POST in   403  403  403  409  409  403  403  403  409  422  403  in
reviews:second_look                      review           GET  in   403  403  403  go   go   403  403  403  go   go   403  in
reviews:second_look                      review           POST in   403  403  403  405  405  403  403  403  405  405  403  in
reviews:send_back                        review           GET  in   403  403  403  go   go   403  403  403  go   go   403  in
reviews:send_back                        review           POST in   403  403  403  409  409  403  403  403  409  422  403  in
reviews:lease                            case             GET  in   403  403  403  go   go   403  403  403  go   go   403  in
reviews:lease                            case             POST in   403  403  403  go   go   403  403  403  go   go   403  in
reviews:leave                            case             GET  in   403  403  403  200  200  403  403  403  200  200  403  in
reviews:release                          case             GET  in   403  403  403  go   go   403  403  403  go   go   403  in
reviews:release                          case             POST in   403  403  403  422  422  403  403  403  422  422  403  in
reviews:hand_over                        case             GET  in   403  403  403  go   go   403  403  403  go   go   403  in
reviews:hand_over                        case             POST in   403  403  403  422  422  403  403  403  422  422  403  in
reviews:conflict                         case             GET  in   403  403  403  go   go   403  403  403  go   go   403  in
reviews:conflict                         case             POST in   403  403  403  422  422  403  403  403  422  422  403  in
# Linked accounts and guests
people:guest                           -                GET  200  go   go   go   go   go   go   go   go   go   go   go   200
people:guest                           -                POST 200  go   go   go   go   go   go   go   go   go   go   go   200
people:link                            link             GET  in   200  404  404  404  404  404  404  404  404  404  404  in
people:link                            link             POST in   422  404  404  404  404  404  404  404  404  404  404  in
people:link_claim                      -                GET  in   200  200  403  403  403  403  403  403  403  403  200  in
people:link_claim                      -                POST in   422  422  403  403  403  403  403  403  403  403  422  in
people:link_end                        link             GET  in   200  404  404  404  404  404  404  404  404  404  404  in
people:link_end                        link             POST in   go   404  404  404  404  404  404  404  404  404  404  in
people:links                           -                GET  in   200  200  403  403  403  403  403  403  403  403  200  in
people:links                           -                POST in   405  405  403  403  403  403  403  403  403  403  405  in
people:membership                      -                GET  in   go   go   go   go   go   go   go   go   go   go   200  in
people:membership                      -                POST in   go   go   go   go   go   go   go   go   go   go   go   in
# Originality: both sides, reviewers, followers
complaints:home                          -                GET  200  200  200  200  200  200  200  200  200  200  200  200  200
complaints:start                         -                GET  in   200  200  403  403  403  403  403  403  403  403  200  in
complaints:start                         -                POST in   go   go   403  403  403  403  403  403  403  403  go   in
complaints:works                         -                GET  in   200  200  403  403  403  403  403  403  403  403  200  in
complaints:works                         -                POST in   405  405  403  403  403  403  403  403  403  403  405  in
complaints:work_new                      -                GET  in   200  200  403  403  403  403  403  403  403  403  200  in
complaints:work_new                      -                POST in   422  422  403  403  403  403  403  403  403  403  422  in
complaints:work                          work             GET  in   200  404  403  403  403  403  403  403  403  403  404  in
complaints:work                          work             POST in   405  405  403  403  403  403  403  403  403  403  405  in
complaints:work_delete                   work             GET  in   200  404  403  403  403  403  403  403  403  403  404  in
complaints:work_delete                   work             POST in   go   404  403  403  403  403  403  403  403  403  404  in
complaints:copy_notices                  -                POST in   go   go   403  403  403  403  403  403  403  403  go   in
complaints:possible_copy                 possible_copy    GET  in   200  404  403  403  403  403  403  403  403  403  404  in
complaints:possible_copy                 possible_copy    POST in   go   404  403  403  403  403  403  403  403  403  404  in
complaints:possible_copy_dismiss         possible_copy    GET  in   200  404  403  403  403  403  403  403  403  403  404  in
complaints:possible_copy_dismiss         possible_copy    POST in   go   404  403  403  403  403  403  403  403  403  404  in
complaints:authorisations                -                GET  in   200  200  403  403  403  403  403  403  403  403  200  in
complaints:authorisations                -                POST in   422  422  403  403  403  403  403  403  403  403  422  in
complaints:authorisation_end             authorisation    GET  in   200  404  403  403  403  403  403  403  403  403  404  in
complaints:authorisation_end             authorisation    POST in   go   404  403  403  403  403  403  403  403  403  404  in
complaints:copy                          draft            GET  in   200  404  404  404  404  404  404  404  404  404  404  in
complaints:copy                          draft            POST in   422  404  404  404  404  404  404  404  404  404  404  in
complaints:original                      draft            GET  in   200  404  404  404  404  404  404  404  404  404  404  in
complaints:original                      draft            POST in   422  404  404  404  404  404  404  404  404  404  404  in
complaints:notice                        draft            GET  in   200  404  404  404  404  404  404  404  404  404  404  in
complaints:notice                        draft            POST in   422  404  404  404  404  404  404  404  404  404  404  in
complaints:check                         draft            GET  in   200  404  404  404  404  404  404  404  404  404  404  in
complaints:check                         draft            POST in   422  404  404  404  404  404  404  404  404  404  404  in
complaints:discard                       draft            GET  in   200  404  404  404  404  404  404  404  404  404  404  in
complaints:discard                       draft            POST in   go   404  404  404  404  404  404  404  404  404  404  in
complaints:complaint                     complaint        GET  in   200  404  404  404  404  404  404  404  404  404  404  in
complaints:complaint                     complaint        POST in   200  404  404  404  404  404  404  404  404  404  404  in
complaints:completion                    complaint        GET  in   go   404  404  404  404  404  404  404  404  404  404  in
complaints:completion                    complaint        POST in   go   404  404  404  404  404  404  404  404  404  404  in
complaints:withdrawal                    complaint        GET  in   200  404  404  404  404  404  404  404  404  404  404  in
complaints:withdrawal                    complaint        POST in   go   404  404  404  404  404  404  404  404  404  404  in
complaints:appeal                        complaint        GET  in   go   404  404  404  404  404  404  404  404  404  404  in
complaints:appeal                        complaint        POST in   go   404  404  404  404  404  404  404  404  404  404  in
complaints:reply                         complaint        GET  in   go   404  404  404  404  404  404  404  404  404  404  in
complaints:reply                         complaint        POST in   go   404  404  404  404  404  404  404  404  404  404  in
complaints:video                         complaint_side   GET  in   200  404  404  404  404  404  404  404  404  404  404  in
complaints:video                         complaint_side   POST in   405  404  404  404  404  404  404  404  404  404  404  in
complaints:evidence_file                 complaint        GET  in   200  404  404  404  404  404  404  404  404  404  404  in
complaints:evidence_file                 complaint        POST in   405  404  404  404  404  404  404  404  404  404  404  in
complaints:evidence_picture              complaint_picture GET  in   200  404  404  404  404  404  404  404  404  404  404  in
complaints:evidence_picture              complaint_picture POST in   405  404  404  404  404  404  404  404  404  404  404  in
complaints:poster                        complaint_side   GET  in   404  404  404  404  404  404  404  404  404  404  404  in
complaints:poster                        complaint_side   POST in   405  404  404  404  404  404  404  404  404  404  404  in
complaints:file                          complaint_file   GET  in   200  404  404  404  404  404  404  404  404  404  404  in
complaints:file                          complaint_file   POST in   405  404  404  404  404  404  404  404  404  404  404  in
complaints:file_page                     complaint_page   GET  in   200  404  404  404  404  404  404  404  404  404  404  in
complaints:file_page                     complaint_page   POST in   405  404  404  404  404  404  404  404  404  404  404  in
complaints:answers                       -                GET  in   200  200  403  403  403  403  403  403  403  403  200  in
complaints:answers                       -                POST in   405  405  403  403  403  403  403  403  403  403  405  in
complaints:answer_open                   open_link        GET  go   go   go   go   go   go   go   go   go   go   go   go   go
complaints:answer_file                   complaint        GET  403  404  404  404  404  404  404  404  404  404  404  404  200
complaints:answer_file                   complaint        POST 403  404  404  404  404  404  404  404  404  404  404  404  200
complaints:answer                        complaint        GET  403  404  404  404  404  404  404  404  404  404  404  404  go
complaints:answer                        complaint        POST 403  404  404  404  404  404  404  404  404  404  404  404  go
complaints:answer_video                  complaint_side   GET  403  404  404  404  404  404  404  404  404  404  404  404  200
complaints:answer_video                  complaint_side   POST 403  404  404  404  404  404  404  404  404  404  404  404  405
complaints:answer_evidence_file          complaint        GET  403  404  404  404  404  404  404  404  404  404  404  404  200
complaints:answer_evidence_file          complaint        POST 403  404  404  404  404  404  404  404  404  404  404  404  405
complaints:answer_evidence_picture       complaint_picture GET  403  404  404  404  404  404  404  404  404  404  404  404  200
complaints:answer_evidence_picture       complaint_picture POST 403  404  404  404  404  404  404  404  404  404  404  404  405
complaints:answer_poster                 complaint_side   GET  403  404  404  404  404  404  404  404  404  404  404  404  404
complaints:answer_poster                 complaint_side   POST 403  404  404  404  404  404  404  404  404  404  404  404  405
complaints:answer_document               complaint_file   GET  403  404  404  404  404  404  404  404  404  404  404  404  200
complaints:answer_document               complaint_file   POST 403  404  404  404  404  404  404  404  404  404  404  404  405
complaints:answer_document_page          complaint_page   GET  403  404  404  404  404  404  404  404  404  404  404  404  200
complaints:answer_document_page          complaint_page   POST 403  404  404  404  404  404  404  404  404  404  404  404  405
complaints:answer_appeal                 complaint        GET  403  404  404  404  404  404  404  404  404  404  404  404  go
complaints:answer_appeal                 complaint        POST 403  404  404  404  404  404  404  404  404  404  404  404  go
complaints:answer_reply                  complaint        GET  403  404  404  404  404  404  404  404  404  404  404  404  go
complaints:answer_reply                  complaint        POST 403  404  404  404  404  404  404  404  404  404  404  404  go
complaints:follower_moves                no_link          GET  404  404  404  404  404  404  404  404  404  404  404  404  404
complaints:follower_moves                no_link          POST 404  404  404  404  404  404  404  404  404  404  404  404  404
complaints:follower_undo                 no_link          GET  404  404  404  404  404  404  404  404  404  404  404  404  404
complaints:follower_undo                 no_link          POST 404  404  404  404  404  404  404  404  404  404  404  404  404
complaints:yearly_returns                -                GET  200  200  200  200  200  200  200  200  200  200  200  200  200
complaints:restitutions                  -                GET  in   403  403  403  403  200  403  200  403  403  403  403  in
complaints:restitution                   restitution      GET  in   403  403  403  403  200  403  200  403  403  403  403  in
complaints:reconcile                     restitution      POST in   403  403  403  403  go   403  403  403  403  403  403  in
complaints:control                  restitution_pause GET in   403  403  403  403  200  403  403  403  403  403  403  in
complaints:control                  restitution_pause POST in  403  403  403  403  422  403  403  403  403  403  403  in
complaints:stop_agreement                restitution_stop GET  in   403  403  403  403  200  403  403  403  403  403  403  in
complaints:stop_agreement                restitution_stop POST in   403  403  403  403  go   403  403  403  403  403  403  in
complaints:stop_refusal                  restitution_stop GET  in   403  403  403  403  200  403  403  403  403  403  403  in
complaints:stop_refusal                  restitution_stop POST in   403  403  403  403  go   403  403  403  403  403  403  in
complaints:review_platform               review           GET in   403  403  403  404  404  403  403  403  404  200  403  in
complaints:review_platform               review           POST in   403  403  403  405  405  403  403  403  405  405  403  in
complaints:review_preview                review           GET  in   403  403  403  404  404  403  403  403  404  200  403  in
complaints:review_preview                review           POST in   403  403  403  404  404  403  403  403  404  go   403  in
complaints:review_video                  review_side      GET in   403  403  403  404  404  403  403  403  404  200  403  in
complaints:review_video                  review_side      POST in   403  403  403  405  405  403  403  403  405  405  403  in
complaints:review_evidence_file          review           GET  in   403  403  403  404  404  403  403  403  404  200  403  in
complaints:review_evidence_file          review           POST in   403  403  403  405  405  403  403  403  405  405  403  in
complaints:review_evidence_picture       review_picture   GET  in   403  403  403  404  404  403  403  403  404  200  403  in
complaints:review_evidence_picture       review_picture   POST in   403  403  403  405  405  403  403  403  405  405  403  in
complaints:review_evidence_again         review           GET  in   403  403  403  405  405  403  403  403  405  405  403  in
complaints:review_evidence_again         review           POST in   403  403  403  404  404  403  403  403  404  go   403  in
complaints:review_contact                contact          GET  in   403  403  403  go   go   403  403  403  go   go   403  in
complaints:review_contact                contact          POST in   403  403  403  403  403  403  403  403  403  200  403  in
# Originality: the API, without a token
complaints_api:complaints                -                GET  401  401  401  401  401  401  401  401  401  401  401  401  401
complaints_api:complaints                -                POST 401  401  401  401  401  401  401  401  401  401  401  401  401
complaints_api:complaint                 complaint        GET  401  401  401  401  401  401  401  401  401  401  401  401  401
complaints_api:complaint                 complaint        POST 401  401  401  401  401  401  401  401  401  401  401  401  401
# Videos
media:uploads                            -                GET  412  412  412  412  412  412  412  412  412  412  412  412  412
media:uploads                            -                POST 412  412  412  412  412  412  412  412  412  412  412  412  412
media:upload                             upload           GET  412  412  412  412  412  412  412  412  412  412  412  412  412
media:upload                             upload           POST 412  412  412  412  412  412  412  412  412  412  412  412  412
media:video                              media            GET  in   200  404  404  404  404  404  404  404  404  200  404  in
media:video                              media            POST in   405  405  405  405  405  405  405  405  405  405  405  in
media:poster                             media            GET  in   404  404  404  404  404  404  404  404  404  404  404  in
media:poster                             media            POST in   405  405  405  405  405  405  405  405  405  405  405  in
media:kept                               upload           GET  in   404  404  404  404  404  404  404  404  404  404  404  in
media:kept                               upload           POST in   405  405  405  405  405  405  405  405  405  405  405  in
media:status                             upload           GET  in   200  404  404  404  404  404  404  404  404  404  404  in
media:status                             upload           POST in   405  405  405  405  405  405  405  405  405  405  405  in
# The sandbox, to which everybody may come
sandbox:home                             -                GET  200  200  200  200  200  200  200  200  200  200  200  200  200
sandbox:inbox                            -                GET  200  200  200  200  200  200  200  200  200  200  200  200  200
sandbox:watch                            post             GET  200  200  200  200  200  200  200  200  200  200  200  200  200
sandbox:video                            post             GET  200  200  200  200  200  200  200  200  200  200  200  200  200
sandbox:poster                           post             GET  404  404  404  404  404  404  404  404  404  404  404  404  404
sandbox:delete                           post             GET  403  403  403  403  403  403  403  403  403  403  403  403  403
sandbox:delete                           post             POST 403  403  403  403  403  403  403  403  403  403  403  403  403
sandbox:act_as                           -                GET  200  200  200  200  200  200  200  200  200  200  200  200  200
sandbox:act_as                           -                POST 200  200  200  200  200  200  200  200  200  200  200  200  200
sandbox:stop                             -                POST go   go   go   go   go   go   go   go   go   go   go   go   go
sandbox:publish                          -                GET  403  403  403  403  403  403  403  403  403  403  403  403  403
sandbox:publish                          -                POST 403  403  403  403  403  403  403  403  403  403  403  403  403
sandbox:profile                          -                GET  403  403  403  403  403  403  403  403  403  403  403  403  403
sandbox:profile                          -                POST 403  403  403  403  403  403  403  403  403  403  403  403  403
sandbox:close                            -                GET  403  403  403  403  403  403  403  403  403  403  403  403  403
sandbox:close                            -                POST 403  403  403  403  403  403  403  403  403  403  403  403  403
sandbox:account                          handle           GET  200  200  200  200  200  200  200  200  200  200  200  200  200
sandbox:followers                        handle           GET  200  200  200  200  200  200  200  200  200  200  200  200  200
sandbox:follow                           handle           POST 403  403  403  403  403  403  403  403  403  403  403  403  403
sandbox:unfollow                         handle           POST 403  403  403  403  403  403  403  403  403  403  403  403  403
sandbox:confirm                          handle           POST 403  403  403  403  403  403  403  403  403  403  403  403  403
"""

# The admin's pages of rows, for administrators: everybody else is refused (403), the anonymous led to sign in.
# list, add, change, delete, history; `-` where there is no such thing (403).
ADMIN = """
people_agency                    list add change -      history
people_changerequest             list -   view   -      history
people_linkedaccount             list -   view   -      history
people_mandate                   list -   view   -      history
people_user                      list add view   -      history
allauth_idp_oidc_client            list add view   -      history
audit_auditevent                   list -   view   -      history
certification_applicantcategory    list add change -      history
certification_application          list -   view   -      history
certification_areaban              list -   view   -      history
certification_certificate          list -   view   -      history
certification_credentialtype       list -   change -      history
certification_jurisdiction         list add change -      history
certification_keyarea              list add change -      history
certification_profession           list add change -      history
certification_requirement          list -   view   -      history
complaints_authorisation           list -   view   -      history
complaints_complaint               list -   view   -      history
complaints_evidencelook            list -   view   -      history
complaints_platformreport          list -   view   -      history
complaints_remedy                  list -   view   -      history
complaints_restitution             list -   view   -      history
complaints_restitutionpolicy       list add change -      history
complaints_work                    list -   view   -      history
evidence_evidenceaccess            list -   view   -      history
jobs_job                           list -   view   -      history
notifications_notification         list -   view   -      history
outbound_discrepancy               list -   view   -      history
privacy_erasure                      list -   view   -      history
reviews_calendar                   list add change delete history
reviews_conflictofinterest         list add view   delete history
reviews_decision                   list -   view   -      history
reviews_reasoncode                 list add change -      history
reviews_reviewcase                 list -   view   -      history
reviews_reviewerskill              list add change delete history
webhooks_endpoint                  list add view   -      history
webhooks_delivery                  list -   view   -      history
"""
