"""Every URL and API call, as every role: what must come of it. tests/test_roles.py walks the table.

One line for each name and method: what to ask for (see role_walk.world), then one outcome for each
role in the order of role_walk.ROLES. `in` leads to the sign-in page, `go` anywhere else. A method that
is 405 for everybody has no line. Everything asked for belongs to `creator`: her application in review,
which `holder` has in hand, her certificate, her paper, her mandate for the agent's agency.

A POST is sent empty: 200 or 422 is the form with what is missing, `go` that it was carried out.
"""

ROWS = """
#                                                            anon crea stra agen revi seni lead audi admi hold
# The front door and the switches
web:landing                              -                GET  200  200  200  200  200  200  200  200  200  200
web:about                                -                GET  200  200  200  200  200  200  200  200  200  200
web:home                                 -                GET  in   go   go   go   go   go   go   go   go   go
web:language                             -                POST go   go   go   go   go   go   go   go   go   go
web:theme                                -                POST go   go   go   go   go   go   go   go   go   go
web:gallery                              -                GET  200  200  200  200  200  200  200  200  200  200
# Certification: the public, creators, agents
certification:register                   -                GET  200  200  200  200  200  200  200  200  200  200
certification:certificate                serial           GET  200  200  200  200  200  200  200  200  200  200
certification:areas                      -                GET  200  200  200  200  200  200  200  200  200  200
certification:area                       area             GET  200  200  200  200  200  200  200  200  200  200
certification:home                       -                GET  in   200  200  200  go   go   go   go   go   go
certification:home                       -                POST in   405  405  405  405  405  405  405  405  405
certification:area_choice                -                GET  in   200  200  200  403  403  403  403  403  403
certification:area_choice                -                POST in   405  405  405  403  403  403  403  403  403
certification:application_start          area             GET  in   200  200  200  403  403  403  403  403  403
certification:application_start          area             POST in   422  422  422  403  403  403  403  403  403
certification:application                number           GET  in   200  404  200  404  404  404  404  404  404
certification:application                number           POST in   200  404  200  404  404  404  404  404  404
certification:about                      number           GET  in   go   404  go   404  404  404  404  404  404
certification:about                      number           POST in   go   404  go   404  404  404  404  404  404
certification:credentials                number           GET  in   go   404  go   404  404  404  404  404  404
certification:credentials                number           POST in   go   404  go   404  404  404  404  404  404
certification:documents                  number           GET  in   go   404  go   404  404  404  404  404  404
certification:documents                  number           POST in   go   404  go   404  404  404  404  404  404
certification:check                      number           GET  in   go   404  go   404  404  404  404  404  404
certification:check                      number           POST in   go   404  go   404  404  404  404  404  404
certification:draft_discard              number           GET  in   go   404  go   404  404  404  404  404  404
certification:draft_discard              number           POST in   go   404  go   404  404  404  404  404  404
certification:request_answer             number           GET  in   go   404  go   404  404  404  404  404  404
certification:request_answer             number           POST in   go   404  go   404  404  404  404  404  404
certification:withdrawal                 number           GET  in   200  404  200  404  404  404  404  404  404
certification:withdrawal                 number           POST in   go   404  go   404  404  404  404  404  404
certification:appeal                     number           GET  in   go   404  go   404  404  404  404  404  404
certification:appeal                     number           POST in   go   404  go   404  404  404  404  404  404
certification:paper                      file             GET  in   200  404  404  404  404  404  404  404  404
certification:paper                      file             POST in   405  405  405  405  405  405  405  405  405
certification:held                       serial           GET  in   200  404  404  404  404  404  404  404  404
certification:held                       serial           POST in   200  404  404  404  404  404  404  404  404
certification:renewal                    serial           GET  in   go   404  404  404  404  404  404  404  404
certification:renewal                    serial           POST in   403  404  404  404  404  404  404  404  404
certification:surrender                  serial           GET  in   200  404  404  404  404  404  404  404  404
certification:surrender                  serial           POST in   go   404  404  404  404  404  404  404  404
certification:inquiry_answer             serial           GET  in   go   404  404  404  404  404  404  404  404
certification:inquiry_answer             serial           POST in   go   404  404  404  404  404  404  404  404
certification:revocation_appeal          serial           GET  in   go   404  404  404  404  404  404  404  404
certification:revocation_appeal          serial           POST in   go   404  404  404  404  404  404  404  404
certification:doubt                      serial           GET  in   403  403  403  200  200  200  403  200  200
certification:doubt                      serial           POST in   403  403  403  422  422  422  403  422  422
certification:review                     case             GET  in   403  403  403  go   go   go   go   403  200
certification:review                     case             POST in   403  403  403  405  405  405  405  403  405
certification:review_ask                 case             GET  in   403  403  403  go   go   403  403  403  go
certification:review_ask                 case             POST in   403  403  403  409  409  403  403  403  422
certification:review_approve             case             GET  in   403  403  403  go   go   403  403  403  go
certification:review_approve             case             POST in   403  403  403  409  409  403  403  403  422
certification:review_reject              case             GET  in   403  403  403  go   go   403  403  403  go
certification:review_reject              case             POST in   403  403  403  409  409  403  403  403  422
certification:review_confirm             case             GET  in   403  403  403  go   go   403  403  403  go
certification:review_confirm             case             POST in   403  403  403  409  409  403  403  403  422
certification:review_send_back           case             GET  in   403  403  403  go   go   403  403  403  go
certification:review_send_back           case             POST in   403  403  403  409  409  403  403  403  422
certification:review_look_up             case_credential  GET  in   403  403  403  go   go   403  403  403  go
certification:review_look_up             case_credential  POST in   403  403  403  422  422  403  403  403  422
certification:review_paper               case_document    GET  in   403  403  403  go   go   403  403  403  go
certification:review_paper               case_document    POST in   403  403  403  422  422  403  403  403  422
certification:review_number              case_credential  GET  in   403  403  403  go   go   403  403  403  go
certification:review_number              case_credential  POST in   403  403  403  403  403  403  403  403  200
# People
accounts:profile                         -                GET  in   200  200  200  200  200  200  200  200  200
accounts:profile                         -                POST in   200  200  200  200  200  200  200  200  200
accounts:close                           -                GET  in   200  200  200  200  200  200  200  200  200
accounts:close                           -                POST in   200  200  200  200  200  200  200  200  200
accounts:second_factor                   -                GET  in   200  200  200  200  200  200  200  200  200
accounts:second_factor                   -                POST in   405  405  405  405  405  405  405  405  405
accounts:recovery_request                -                GET  in   go   go   go   go   go   go   go   go   go
accounts:recovery_request                -                POST in   go   go   go   go   go   go   go   go   go
accounts:mandates                        -                GET  in   200  200  403  403  403  403  403  403  403
accounts:mandates                        -                POST in   200  200  403  403  403  403  403  403  403
accounts:mandate_end                     mandate          GET  in   405  405  403  403  403  403  403  403  403
accounts:mandate_end                     mandate          POST in   go   404  403  403  403  403  403  403  403
accounts:clients                         -                GET  in   403  403  200  403  403  403  403  403  403
accounts:clients                         -                POST in   403  403  405  403  403  403  403  403  403
accounts:recoveries                      -                GET  in   403  403  403  403  403  403  403  200  403
accounts:recoveries                      -                POST in   403  403  403  403  403  403  403  405  403
accounts:recovery_open                   -                GET  in   403  403  403  403  403  403  403  200  403
accounts:recovery_open                   -                POST in   403  403  403  403  403  403  403  200  403
accounts:recovery                        recovery         GET  in   403  403  403  403  403  403  403  200  403
accounts:recovery                        recovery         POST in   403  403  403  403  403  403  403  200  403
# Signing in and out (allauth)
account_login                            -                GET  200  go   go   go   go   go   go   go   go   go
account_login                            -                POST 200  go   go   go   go   go   go   go   go   go
account_logout                           -                GET  go   200  200  200  200  200  200  200  200  200
account_logout                           -                POST go   go   go   go   go   go   go   go   go   go
account_inactive                         -                GET  200  200  200  200  200  200  200  200  200  200
account_signup                           -                GET  200  go   go   go   go   go   go   go   go   go
account_signup                           -                POST 200  go   go   go   go   go   go   go   go   go
account_reauthenticate                   -                GET  in   403  403  403  403  403  403  403  403  403
account_reauthenticate                   -                POST in   403  403  403  403  403  403  403  403  403
account_email                            -                GET  in   200  200  200  200  200  200  200  200  200
account_email                            -                POST in   go   go   go   go   go   go   go   go   go
account_email_verification_sent          -                GET  in   go   go   go   go   go   go   go   go   go
account_email_verification_sent          -                POST in   go   go   go   go   go   go   go   go   go
account_change_password                  -                GET  in   go   go   go   go   go   go   go   go   go
account_change_password                  -                POST in   go   go   go   go   go   go   go   go   go
account_set_password                     -                GET  in   200  200  200  200  200  200  200  200  200
account_set_password                     -                POST in   200  200  200  200  200  200  200  200  200
account_reset_password                   -                GET  200  200  200  200  200  200  200  200  200  200
account_reset_password                   -                POST 200  200  200  200  200  200  200  200  200  200
account_confirm_login_code               -                GET  in   go   go   go   go   go   go   go   go   go
account_confirm_login_code               -                POST in   go   go   go   go   go   go   go   go   go
account_confirm_password_reset_code      -                GET  in   in   in   in   in   in   in   in   in   in
account_confirm_password_reset_code      -                POST in   in   in   in   in   in   in   in   in   in
account_complete_password_reset          -                GET  go   go   go   go   go   go   go   go   go   go
account_complete_password_reset          -                POST go   go   go   go   go   go   go   go   go   go
account_password_reset_completed         -                GET  200  200  200  200  200  200  200  200  200  200
account_signup_by_passkey                -                GET  200  go   go   go   go   go   go   go   go   go
account_signup_by_passkey                -                POST 200  go   go   go   go   go   go   go   go   go
account_request_login_code               -                GET  200  go   go   go   go   go   go   go   go   go
account_request_login_code               -                POST 200  go   go   go   go   go   go   go   go   go
# Second factors (allauth)
mfa_index                                -                GET  in   200  200  200  200  200  200  200  200  200
mfa_index                                -                POST in   405  405  405  405  405  405  405  405  405
mfa_authenticate                         -                GET  in   go   go   go   go   go   go   go   go   go
mfa_authenticate                         -                POST in   go   go   go   go   go   go   go   go   go
mfa_reauthenticate                       -                GET  in   403  403  403  403  403  403  403  403  403
mfa_reauthenticate                       -                POST in   403  403  403  403  403  403  403  403  403
mfa_activate_totp                        -                GET  in   200  200  200  200  200  200  200  200  200
mfa_activate_totp                        -                POST in   200  200  200  200  200  200  200  200  200
mfa_deactivate_totp                      -                GET  in   404  404  404  404  404  404  404  404  404
mfa_deactivate_totp                      -                POST in   404  404  404  404  404  404  404  404  404
mfa_view_recovery_codes                  -                GET  in   404  404  404  404  404  404  404  404  404
mfa_view_recovery_codes                  -                POST in   405  405  405  405  405  405  405  405  405
mfa_generate_recovery_codes              -                GET  in   200  200  200  200  200  200  200  200  200
mfa_generate_recovery_codes              -                POST in   200  200  200  200  200  200  200  200  200
mfa_download_recovery_codes              -                GET  in   404  404  404  404  404  404  404  404  404
mfa_download_recovery_codes              -                POST in   404  404  404  404  404  404  404  404  404
mfa_list_webauthn                        -                GET  in   200  200  200  200  200  200  200  200  200
mfa_list_webauthn                        -                POST in   405  405  405  405  405  405  405  405  405
mfa_add_webauthn                         -                GET  in   200  200  200  200  200  200  200  200  200
mfa_add_webauthn                         -                POST in   200  200  200  200  200  200  200  200  200
mfa_reauthenticate_webauthn              -                GET  in   403  403  403  403  403  403  403  403  403
mfa_reauthenticate_webauthn              -                POST in   403  403  403  403  403  403  403  403  403
mfa_remove_webauthn                      key              GET  in   404  404  404  404  404  404  404  404  404
mfa_remove_webauthn                      key              POST in   404  404  404  404  404  404  404  404  404
mfa_edit_webauthn                        key              GET  in   404  404  404  404  404  404  404  404  404
mfa_edit_webauthn                        key              POST in   404  404  404  404  404  404  404  404  404
mfa_login_webauthn                       -                GET  in   go   go   go   go   go   go   go   go   go
mfa_login_webauthn                       -                POST in   go   go   go   go   go   go   go   go   go
mfa_signup_webauthn                      -                GET  go   go   go   go   go   go   go   go   go   go
mfa_signup_webauthn                      -                POST go   go   go   go   go   go   go   go   go   go
usersessions_list                        -                GET  in   200  200  200  200  200  200  200  200  200
usersessions_list                        -                POST in   go   go   go   go   go   go   go   go   go
# Demo
demo:sign_in                             -                POST 404  404  404  404  404  404  404  404  404  404
demo:outbox                              -                GET  200  200  200  200  200  200  200  200  200  200
demo:clock                               -                GET  200  200  200  200  200  200  200  200  200  200
demo:clock                               -                POST 200  200  200  200  200  200  200  200  200  200
# Administration; pages of rows stand in ADMIN below
admin:index                              -                GET  in   403  403  403  403  403  403  403  200  403
admin:index                              -                POST in   403  403  403  403  403  403  403  200  403
admin:jsi18n                             -                GET  in   403  403  403  403  403  403  403  200  403
admin:jsi18n                             -                POST in   403  403  403  403  403  403  403  405  403
admin:app_list                           app              GET  in   403  403  403  403  403  403  403  200  403
admin:app_list                           app              POST in   403  403  403  403  403  403  403  200  403
admin:accounts_user_find                 -                GET  in   403  403  403  403  403  403  403  200  403
admin:accounts_user_find                 -                POST in   403  403  403  403  403  403  403  200  403
admin:accounts_user_role                 person           GET  in   403  403  403  403  403  403  403  200  403
admin:accounts_user_role                 person           POST in   403  403  403  403  403  403  403  200  403
admin:accounts_user_deactivate           person           GET  in   403  403  403  403  403  403  403  200  403
admin:accounts_user_deactivate           person           POST in   403  403  403  403  403  403  403  200  403
admin:accounts_user_reactivate           person           GET  in   403  403  403  403  403  403  403  200  403
admin:accounts_user_reactivate           person           POST in   403  403  403  403  403  403  403  200  403
admin:api_client_scopes                  api_client       GET  in   403  403  403  403  403  403  403  200  403
admin:api_client_scopes                  api_client       POST in   403  403  403  403  403  403  403  200  403
admin:api_client_secret                  api_client       GET  in   403  403  403  403  403  403  403  200  403
admin:api_client_secret                  api_client       POST in   403  403  403  403  403  403  403  200  403
admin:api_client_end                     api_client       GET  in   403  403  403  403  403  403  403  200  403
admin:api_client_end                     api_client       POST in   403  403  403  403  403  403  403  go   403
# For programs
tokens:token                             -                POST 400  400  400  400  400  400  400  400  400  400
tokens:revoke                            -                POST 400  400  400  400  400  400  400  400  400  400
certification_api:areas                  -                GET  200  200  200  200  200  200  200  200  200  200
certification_api:gate                   -                GET  401  401  401  401  401  401  401  401  401  401
certification_api:gate                   -                POST 401  401  401  401  401  401  401  401  401  401
certification_api:certificates           -                GET  200  200  200  200  200  200  200  200  200  200
certification_api:certificate            serial           GET  200  200  200  200  200  200  200  200  200  200
certification_api:applications           -                GET  401  200  200  200  403  403  403  403  403  403
certification_api:applications           -                POST 401  405  405  405  403  403  403  403  403  403
certification_api:application            number           GET  401  200  404  200  403  403  403  403  403  403
certification_api:application            number           POST 401  405  405  405  403  403  403  403  403  403
api_schema                               -                GET  200  200  200  200  200  200  200  200  200  200
api_docs                                 -                GET  200  200  200  200  200  200  200  200  200  200
api_unknown                              nothing          GET  404  404  404  404  404  404  404  404  404  404
api_unknown                              nothing          POST 404  404  404  404  404  404  404  404  404  404
# Operations
healthz                                  -                GET  200  200  200  200  200  200  200  200  200  200
metrics                                  -                GET  200  200  200  200  200  200  200  200  200  200
# Messages
notifications:inbox                      -                GET  in   200  200  200  200  200  200  200  200  200
notifications:inbox                      -                POST in   405  405  405  405  405  405  405  405  405
notifications:undelivered                -                GET  in   403  403  403  403  403  403  403  200  403
notifications:undelivered                -                POST in   405  405  405  405  405  405  405  405  405
notifications:send_again                 note             GET  in   405  405  405  405  405  405  405  405  405
notifications:send_again                 note             POST in   403  403  403  403  403  403  403  go   403
# Papers
evidence:viewer                          file             GET  in   200  404  404  404  404  404  404  404  200
evidence:viewer                          file             POST in   405  405  405  405  405  405  405  405  405
evidence:page                            file_page        GET  in   200  404  404  404  404  404  404  404  200
evidence:page                            file_page        POST in   405  405  405  405  405  405  405  405  405
evidence:original                        file             GET  in   200  404  404  404  404  404  404  404  404
evidence:original                        file             POST in   405  405  405  405  405  405  405  405  405
# The queue
reviews:queue                            -                GET  in   403  403  403  200  200  200  200  403  200
reviews:next                             -                POST in   403  403  403  go   go   403  403  403  go
reviews:team                             -                GET  in   403  403  403  200  200  200  200  403  200
reviews:ties                             -                GET  in   403  403  403  200  200  403  403  403  200
reviews:ties                             -                POST in   403  403  403  200  200  403  403  403  200
reviews:case                             case             GET  in   403  403  403  200  200  200  200  403  200
reviews:lease                            case             GET  in   403  403  403  go   go   403  403  403  go
reviews:lease                            case             POST in   403  403  403  go   go   403  403  403  go
reviews:leave                            case             GET  in   403  403  403  200  200  403  403  403  200
reviews:release                          case             POST in   403  403  403  422  422  403  403  403  422
reviews:hand_over                        case             POST in   403  403  403  422  422  403  403  403  422
reviews:tie                              case             POST in   403  403  403  422  422  403  403  403  422
"""

# The admin's pages of rows, for administrators: everybody else is refused (403), the anonymous led to sign in.
# list, add, change, delete, history; `-` where there is no such thing (403).
ADMIN = """
accounts_agency                    list add change -      history
accounts_mandate                   list -   view   -      history
accounts_user                      list add view   -      history
allauth_idp_oidc_client            list add view   -      history
audit_auditevent                   list -   view   -      history
certification_applicantcategory    list add change -      history
certification_application          list -   view   -      history
certification_areaban              list -   view   -      history
certification_certificate          list -   view   -      history
certification_credentialtype       list add change -      history
certification_jurisdiction         list add change -      history
certification_keyarea              list add change -      history
certification_requirement          list add change delete history
evidence_evidenceaccess            list -   view   -      history
jobs_job                           list -   view   -      history
notifications_notification         list -   view   -      history
reviews_calendar                   list add change delete history
reviews_decision                   list -   view   -      history
reviews_reasoncode                 list add change -      history
reviews_reviewcase                 list -   view   -      history
reviews_reviewerskill              list add change delete history
reviews_tie                        list add view   delete history
"""
