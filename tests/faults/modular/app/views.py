"""The pages."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import abort, flash, redirect, render_template, request, url_for
from flask_login import current_user, login_required, login_user, logout_user

from app import app, db
from app.forms import EditProfileForm, RegistrationForm, SignInForm
from app.models import User, named


@app.before_request
def note_last_seen():
    """Store when the user was last seen."""
    if current_user.is_authenticated:
        current_user.last_seen = datetime.now(UTC)
        db.session.commit()


@app.route("/")
@login_required
def home():
    """Show the home page."""
    return render_template("home.html")


@app.route("/sign-in", methods=["GET", "POST"])
def sign_in():
    """Sign a user in."""
    form = SignInForm()
    if form.validate_on_submit():
        user = named(form.username.data)
        if user is None or not user.check_password(form.password.data):
            flash("No such name, or another password.")
            return redirect(url_for("sign_in"))
        login_user(user, remember=form.remember_me.data)
        following = request.args.get("next", "")
        here = following and not urlsplit(following).netloc
        return redirect(following if here else url_for("home"))
    return render_template("form.html", form=form, title="Sign in")


@app.route("/sign-out")
def sign_out():
    """Sign a user out."""
    logout_user()
    return redirect(url_for("home"))


@app.route("/join", methods=["GET", "POST"])
def join():
    """Create an account."""
    form = RegistrationForm()
    if form.validate_on_submit():
        user = User(username=form.username.data, email=form.email.data)
        user.set_password(form.password.data)
        db.session.add(user)
        db.session.commit()
        flash("Welcome!")
        return redirect(url_for("sign_in"))
    return render_template("form.html", form=form, title="Join")


@app.route("/people/<name>")
@login_required
def profile(name):
    """Show a user."""
    user = named(name) or abort(404)
    return render_template("profile.html", user=user)


@app.route("/me", methods=["GET", "POST"])
@login_required
def edit_profile():
    """Change name and about-me."""
    form = EditProfileForm(current_user.username, obj=current_user)
    if form.validate_on_submit():
        current_user.username = form.username.data
        current_user.about_me = form.about_me.data
        db.session.commit()
        flash("Kept.")
        return redirect(url_for("edit_profile"))
    return render_template("form.html", form=form, title="Your profile")
