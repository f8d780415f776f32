FROM python:3.11-slim

RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        tesseract-ocr tesseract-ocr-eng tesseract-ocr-deu tesseract-ocr-fra tesseract-ocr-spa tesseract-ocr-ita \
        tesseract-ocr-nld tesseract-ocr-por tesseract-ocr-pol poppler-utils bubblewrap \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --create-home --uid 10001 invorec \
    && install -d -o invorec -g invorec -m 700 /srv/documents

WORKDIR /srv/invorec
COPY requirements.txt .
# the development tools stand last in the file
RUN sed '/^# -- development/,$d' requirements.txt > /tmp/requirements.txt \
    && pip install --no-cache-dir -r /tmp/requirements.txt
COPY . .

USER invorec
ENV PYTHONUNBUFFERED=1 INVOREC_MODE=production INVOREC_BIND=0.0.0.0
EXPOSE 8000
CMD ["gunicorn", "--config", "python:invorec.gunicorn", "invorec.wsgi"]
