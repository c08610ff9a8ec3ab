# Signing in and up, and one's account.

sign-in = Sign in
sign-out = Sign out
account = Account
email = E-mail
password = Password
name = Name
# The part in brackets is a link.
no-account-yet = No account yet? [Create one]
have-an-account = Have one already? [Sign in]
create-an-account = Create an account
create-account = Create account
password-hint = At least 8 characters.
zip-optional = Zip code (optional)
zip-hint = To show what is on near you.
