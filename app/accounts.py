"""Accounts: registering, signing in and out, profiles and their editing."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user, login_required, login_user, logout_user
from werkzeug import Response
from werkzeug.security import generate_password_hash

from .extensions import db
from .forms import EditProfileForm, LoginForm, RegistrationForm, commit_or_form_error
from .models import User
from .posts import timeline
from .security import safe_redirect_target

bp = Blueprint("accounts", __name__)


@bp.route("/register", methods=["GET", "POST"])
def register() -> str | Response:
    """Create an account, and go on to the sign-in page."""
    if current_user.is_authenticated:
        return redirect(url_for("posts.index"))
    form = RegistrationForm()
    if form.validate_on_submit():
        user = User(username=form.username.data, email=form.email.data)
        user.set_password(form.password.data)
        db.session.add(user)
        if commit_or_form_error(form):
            flash("Congratulations, you are now a registered user!")
            return redirect(url_for(".login"))
    return render_template("accounts/register.html", form=form)


@bp.route("/login", methods=["GET", "POST"])
def login() -> str | Response:
    """Sign in, and go on to the page that was asked for."""
    if current_user.is_authenticated:
        return redirect(url_for("posts.index"))
    form = LoginForm()
    if form.validate_on_submit():
        user = User.by_name(form.username.data)
        if user is None:
            # An unknown name takes as long as a wrong password: the time of one hash.
            generate_password_hash(form.password.data)
        elif user.check_password(form.password.data):
            login_user(user, remember=form.remember_me.data)
            return redirect(safe_redirect_target(request.args.get("next", "")))
        flash("Invalid username or password", "error")
    return render_template("accounts/login.html", form=form)


@bp.post("/logout")
def logout() -> Response:
    """Sign out: a POST with a token, so that no other site can do it."""
    logout_user()
    return redirect(url_for(".login"))


@bp.route("/user/<username>")
@login_required
def profile(username: str) -> str:
    """Show a user's picture, about-me, last-seen and posts."""
    user = User.by_name(username) or abort(404)
    return render_template("accounts/profile.html", user=user, **timeline(user))


@bp.route("/edit_profile", methods=["GET", "POST"])
@login_required
def edit_profile() -> str | Response:
    """Change one's own username and about-me."""
    form = EditProfileForm(current_user)
    if form.validate_on_submit():
        current_user.username = form.username.data
        current_user.about_me = form.about_me.data
        if commit_or_form_error(form):
            flash("Your changes have been saved.")
            return redirect(url_for(".edit_profile"))
    return render_template("accounts/edit_profile.html", form=form)
