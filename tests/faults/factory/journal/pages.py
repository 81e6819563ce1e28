"""The pages, in two blueprints."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user, login_required, login_user, logout_user

from journal.forms import Login, Settings, Signup
from journal.store import Member, db, find

accounts = Blueprint("accounts", __name__)
main = Blueprint("main", __name__)
errors = Blueprint("errors", __name__)


@accounts.route("/login", methods=["GET", "POST"])
def login():
    """Sign a member in."""
    form = Login()
    if form.validate_on_submit():
        member = find(mail=form.email.data)
        if member and member.knows(form.password.data):
            login_user(member, form.remember.data)
            after = request.args.get("next") or "/"
            return redirect("/" if urlsplit(after).netloc else after)
        flash("Wrong address or password")
    return render_template("form.html", form=form)


@accounts.route("/logout", methods=["POST"])
def logout():
    """Sign a member out."""
    logout_user()
    return redirect("/")


@accounts.route("/signup", methods=["GET", "POST"])
def signup():
    """Create an account and sign its owner in."""
    form = Signup()
    if form.validate_on_submit():
        member = Member(nickname=form.nickname.data, mail=form.email.data)
        member.keep(form.password.data)
        db.session.add(member)
        db.session.commit()
        login_user(member)
        return redirect("/")
    return render_template("form.html", form=form)


@main.before_app_request
def be_seen():
    """Store when the member was last seen."""
    if current_user.is_authenticated:
        current_user.last_seen = datetime.now(UTC)
        db.session.commit()


@main.route("/")
def home():
    """Show the home page."""
    return render_template("home.html")


@main.route("/u/<nickname>")
def member(nickname):
    """Show a member."""
    found = db.first_or_404(db.select(Member).filter_by(nickname=nickname))
    return render_template("member.html", member=found)


@main.route("/settings", methods=["GET", "POST"])
@login_required
def settings():
    """Change name and bio."""
    form = Settings(current_user)
    if form.validate_on_submit():
        form.populate_obj(current_user)
        db.session.commit()
        return redirect(url_for("main.settings"))
    return render_template("form.html", form=form)


@errors.app_errorhandler(404)
def not_found(error):
    """Answer an unknown address."""
    return render_template("error.html", text="We know no such page."), 404


@errors.app_errorhandler(500)
def failed(error):
    """Answer an exception after a rollback."""
    db.session.rollback()
    return render_template("error.html", text="It broke, and we were alerted."), 500
