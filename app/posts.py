"""The home page: everyone's posts, and the form to write one."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user, login_required
from sqlalchemy import select
from werkzeug import Response

from .extensions import db
from .forms import PostForm
from .models import MAX_KEY, Post, User
from .store import store_or_refuse

bp = Blueprint("posts", __name__)

PAGE_LENGTH = 20  # posts
# No more than a page shows: its authors' hashes and addresses stay where they are. One
# post more than it shows tells whether there is another page.
_PAGE = (
    select(Post.id, Post.body, Post.timestamp, User.username)
    .join(Post.author)
    .limit(PAGE_LENGTH + 1)
)


@bp.route("/", methods=["GET", "POST"])
@login_required
def index() -> str | Response:
    """Write, and read what everyone wrote."""
    form = PostForm()

    def write() -> None:
        db.session.add(Post(body=form.body.data, user_id=current_user.id))

    if form.validate_on_submit() and store_or_refuse(form, write):
        flash("Your post is now live!")
        return redirect(url_for(".index"))
    return render_template("posts/index.html", form=form, **timeline())


def timeline(author: User | None = None) -> dict[str, Any]:
    """A page of posts, newest first, of one author or of everyone.

    The page is the one that the query string asks for: ``?before=ID`` for older
    posts, ``?after=ID`` for newer ones, else the newest. Pages are cut at a post and
    not at a count, so a page costs the same anywhere, and no post is shown twice or
    left out while others write.

    Returns ``posts``, and addresses, or None: of the ``older`` and the ``newer`` page;
    from a page beyond the last post, of the ``newest``.
    """
    before, after = _key("before"), _key("after")
    query = _PAGE.where(Post.user_id == author.id) if author else _PAGE
    if after:
        query = query.where(Post.id > after).order_by(Post.id)
    else:
        query = query.where(Post.id < before) if before else query
        query = query.order_by(Post.id.desc())
    found = db.session.execute(query).all()
    more, page = len(found) > PAGE_LENGTH, list(found[:PAGE_LENGTH])
    if after:
        page.reverse()
    newer = page and (before or (after and more))
    older = page and (after or more)
    here = (
        url_for("accounts.profile", username=author.username)
        if author
        else url_for("posts.index")
    )
    return {
        "posts": page,
        "newer": f"{here}?after={page[0].id}" if newer else None,
        "older": f"{here}?before={page[-1].id}" if older else None,
        "newest": None if page or not (before or after) else here,
    }


def _key(name: str) -> int | None:
    text = request.args.get(name, "")
    if text.isascii() and text.isdigit() and len(text) <= 10:
        return min(int(text), MAX_KEY)
    return None
