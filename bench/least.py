"""A minimal signed-in home page with the same extensions.

It queries the user and two posts, and renders a form with one field by a template of
one line. Its cost is that of the extensions; the rest is the application's.
"""

from flask import Flask, render_template
from flask_login import (
    LoginManager,
    UserMixin,
    current_user,
    login_required,
    login_user,
)
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect, FlaskForm
from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from wtforms import TextAreaField

app = Flask(__name__)
app.config["SECRET_KEY"] = "of all workers"
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"  # in each worker's memory
db = SQLAlchemy(app)
login = LoginManager(app)
CSRFProtect(app)


class Base(DeclarativeBase):
    """The models' base."""


class User(UserMixin, Base):
    """A user."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str]


class Post(Base):
    """A post."""

    __tablename__ = "post"

    id: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id))


class PostForm(FlaskForm):
    """A form with one field and the CSRF token."""

    body = TextAreaField()


PAGE = (
    select(Post.id, Post.body, User.username)
    .join(User)
    .order_by(Post.id.desc())
    .limit(2)
)
TEMPLATE = app.jinja_env.from_string(
    "{{ user.username }} {{ form.hidden_tag() }} {{ form.body() }}"
    "{% for post in posts %} {{ post.username }}: {{ post.body }} {% endfor %}"
)

with app.app_context():
    Base.metadata.create_all(db.engine)
    db.session.add(User(id=1, username="susan"))
    db.session.add_all(Post(body="a post", user_id=1) for _ in range(2))
    db.session.commit()


@login.user_loader
def load_user(user_id: str) -> User | None:
    """Return the user of a session."""
    return db.session.get(User, int(user_id))


@app.route("/enter")
def enter() -> str:
    """Sign in."""
    login_user(load_user("1"))
    return "signed in"


@app.route("/")
@login_required
def index() -> str:
    """Show the form and the posts."""
    posts = db.session.execute(PAGE).all()
    return render_template(TEMPLATE, user=current_user, form=PostForm(), posts=posts)
