"""Register, sign in and out, the profile and its editing."""

from flask import (
    Blueprint,
    abort,
    flash,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_login import current_user, login_required, login_user, logout_user
from werkzeug import Response
from werkzeug.security import generate_password_hash

from .extensions import db
from .extensions import login as login_manager
from .forms import EditProfileForm, LoginForm, RegistrationForm
from .models import User
from .posts import timeline
from .security import stays_here
from .store import store_or_refuse

bp = Blueprint("accounts", __name__)

login_manager.login_view = "accounts.login"


@bp.route("/register", methods=["GET", "POST"])
def register() -> str | Response:
    """Make an account, and go on to sign in."""
    if current_user.is_authenticated:
        return redirect(url_for("posts.index"))
    form = RegistrationForm()
    if form.validate_on_submit():
        user = User(username=form.username.data, email=form.email.data)
        user.set_password(form.password.data)
        if store_or_refuse(form, lambda: db.session.add(user)):
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
        user = User.named(form.username.data)
        if user is None:
            # An unknown name costs the one hash that a wrong password costs.
            generate_password_hash(form.password.data)
        if user and user.check_password(form.password.data):
            login_user(user, remember=form.remember_me.data)
            return redirect(stays_here(request.args.get("next", "")))
        flash("Invalid username or password", "error")
    return render_template("accounts/login.html", form=form)


@bp.post("/logout")
def logout() -> Response:
    """Sign out. It takes a form's token, so no other site can do it."""
    logout_user()
    return redirect(url_for(".login"))


@bp.route("/user/<username>")
@login_required
def profile(username: str) -> str:
    """Somebody's picture, about-me, last-seen and posts."""
    user = g.get("subject") or abort(404)
    return render_template(
        "accounts/profile.html",
        user=user,
        is_own=user == current_user,
        **timeline(user),
    )


@bp.route("/edit_profile", methods=["GET", "POST"])
@login_required
def edit_profile() -> str | Response:
    """Change one's own name and about-me."""
    form = EditProfileForm(current_user.username, obj=current_user)
    if form.validate_on_submit():

        def change() -> None:
            # As it is now: another browser of his may have changed it meanwhile.
            form.original_username = current_user.username
            current_user.username = form.username.data
            current_user.about_me = form.about_me.data

        if store_or_refuse(form, change):
            flash("Your changes have been saved.")
            return redirect(url_for(".edit_profile"))
    return render_template("accounts/edit_profile.html", form=form)
