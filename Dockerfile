# The server as an image: docker build --build-arg BUILD_COMMIT=$(git rev-parse HEAD) --tag ci-feed .
# compose.yaml runs it with a database and a caller of tick; docs/release.md says what was tried.

FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY . .
# libgit2 would take the system's zlib where it finds one; the last stage has none.
ENV LIBZ_SYS_STATIC=1
# What --version says; git is not among what is copied. /data is for the last stage, which has no shell to make a folder.
ARG BUILD_COMMIT=unknown
RUN cargo build --release --locked --bin ci-feed && mkdir /data

# glibc of the same Debian, certificates, a user without rights; no shell and no package manager.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /src/target/release/ci-feed /usr/local/bin/ci-feed
COPY --from=build --chown=65532:65532 /data /var/lib/ci-feed
# Written to: here (the default SQLite file and dossiers) and /tmp (CI_TMP_DIR). Everything else may be read-only.
WORKDIR /var/lib/ci-feed
VOLUME /var/lib/ci-feed
USER 65532:65532
# Says now, and not at the first start, that a library is missing.
RUN ["/usr/local/bin/ci-feed", "--version"]
ENV CI_FEED_BIND=0.0.0.0:8080
EXPOSE 8080
# Longer than the server takes to stop and to start again.
HEALTHCHECK --interval=30s --timeout=15s --start-period=20s CMD ["/usr/local/bin/ci-feed", "health"]
ENTRYPOINT ["/usr/local/bin/ci-feed"]
CMD ["serve"]
