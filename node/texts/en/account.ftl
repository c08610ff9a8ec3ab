# Signing in and up, and one's account. Parts in brackets are links.

sign-in = Sign in
sign-out = Sign out
account = Account
email = E-mail
password = Password
name = Name
no-account-yet = No account yet? [Create one]
have-an-account = Have one already? [Sign in]
create-an-account = Create an account
create-account = Create account
password-hint = At least 8 characters.
zip-optional = Zip code (optional)
zip-hint = To show what is on near you.
saved = Saved.
about-you = About you
zip-code = Zip code
zip-hint-account = To show what is on near you. May be empty.
save = Save
current-password = Current password
new-password = New password
new-password-hint = At least 8 characters. Other devices are signed out.
change-password = Change password
delete-this-account = Delete this account
delete-hint = Your name, address and sign-in are removed for good. Tickets stay valid; what was paid is kept without your name.
delete-my-account = Delete my account

sessions-heading = Where you are signed in
session-unknown = Unknown device
session-last-used = Last used { $age } ago
session-this = This device
session-end = Sign out of { $device }
sessions-end-others = Sign out everywhere else
