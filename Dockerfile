# One image for every role: web, workers, relay, Flower, migrations. docker-compose.yml gives each
# its command (the table is local/embedded/processes.py). Target `mailbox` adds the local mail box.

# PACKAGES=traces adds what sends spans to a collector (IORT_TRACES_URL).
# A tag moves: BASE_DIGEST (`@sha256:...`) says which image it was.
ARG BASE_DIGEST=
FROM python:3.12-slim-bookworm${BASE_DIGEST} AS packages
ARG PACKAGES=base
RUN python -m venv /opt/venv
COPY requirements/${PACKAGES}.txt /tmp/base.txt
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes \
    --no-deps --only-binary :all: -r /tmp/base.txt

FROM packages AS app-packages
RUN /opt/venv/bin/pip uninstall --yes --quiet --disable-pip-version-check setuptools pip

FROM packages AS mailbox-packages
COPY requirements/embedded.txt /tmp/embedded.txt
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes \
    --no-deps --only-binary :all: -r /tmp/embedded.txt

FROM python:3.12-slim-bookworm${BASE_DIGEST} AS base
# tini reaps the processes that read documents; tesseract reads scans.
RUN apt-get update \
    && apt-get install -y --no-install-recommends tini tesseract-ocr tesseract-ocr-eng tesseract-ocr-deu \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/*
RUN useradd --system --uid 10001 --home-dir /nonexistent --no-create-home iort \
    && install -d -o iort -g iort -m 0700 /data /reader
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    OMP_THREAD_LIMIT=1
WORKDIR /app
COPY . /app
USER iort
ENTRYPOINT ["/usr/bin/tini", "--"]

FROM base AS mailbox
COPY --from=mailbox-packages /opt/venv /opt/venv

FROM base AS app
COPY --from=app-packages /opt/venv /opt/venv
