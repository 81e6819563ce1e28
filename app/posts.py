"""Posts: the home page, where they are written, and timelines."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user, login_required
from sqlalchemy import select
from werkzeug import Response

from .extensions import db
from .forms import PostForm, commit_or_form_error
from .models import MAX_ID, Post, User

bp = Blueprint("posts", __name__)

PAGE_LENGTH = 20  # posts


@bp.route("/", methods=["GET", "POST"])
@login_required
def index() -> str | Response:
    """Show the form to write a post, and everyone's posts."""
    form = PostForm()
    if form.validate_on_submit():
        db.session.add(Post(body=form.body.data, user_id=current_user.id))
        commit_or_form_error(form)  # for the error of an author who was deleted
        flash("Your post is now live!")
        return redirect(url_for(".index"))
    return render_template("posts/index.html", form=form, **timeline())


def timeline(author: User | None = None) -> dict[str, Any]:
    """Return one page of the posts of an author, or of everyone, newest first.

    The query string selects the page: ``?before=ID`` for older posts, ``?after=ID`` for
    newer ones, otherwise the newest. Paging by id and not by offset makes every page
    cost the same, and neither repeats nor skips a post while others write.

    Returns:
        Template variables: ``posts``, and URLs or None: ``older`` and ``newer`` of the
        adjacent pages, ``newest`` if this page lies beyond the last post.
    """
    before, after = _id_argument("before"), _id_argument("after")
    # One post more than a page shows whether there is another page. The columns are
    # those that it displays; password hashes and addresses stay in the database.
    query = (
        select(Post.id, Post.body, Post.timestamp, User.username)
        .join(Post.author)
        .limit(PAGE_LENGTH + 1)
    )
    if author:
        query = query.where(Post.user_id == author.id)
        url = url_for("accounts.profile", username=author.username)
    else:
        url = url_for("posts.index")
    if after:
        query = query.where(Post.id > after).order_by(Post.id)
    else:
        query = query.where(Post.id < before) if before else query
        query = query.order_by(Post.id.desc())
    rows = db.session.execute(query).all()
    page = sorted(rows[:PAGE_LENGTH], key=lambda post: post.id, reverse=True)
    more = len(rows) > PAGE_LENGTH
    newer = page and (more if after else before)
    older = page and (after or more)
    return {
        "posts": page,
        "newer": f"{url}?after={page[0].id}" if newer else None,
        "older": f"{url}?before={page[-1].id}" if older else None,
        "newest": url if not page and (before or after) else None,
    }


def _id_argument(name: str) -> int | None:
    text = request.args.get(name, "")
    if text.isascii() and text.isdigit() and len(text) <= 10:
        return min(int(text), MAX_ID)
    return None
