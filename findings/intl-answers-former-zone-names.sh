#!/usr/bin/env bash
# Intl does not give back the canonical IANA name of a zone: asked for Asia/Kolkata, Europe/Kyiv or America/Argentina/Buenos_Aires, Node 20 to 26
# resolve it to the former name (Asia/Calcutta …) and list only that one. Temporal, in the same Node 26, keeps the name it was given: two
# parts of one engine disagree on what a zone is called, and a comparison of names takes one zone for two. Seen on 2026-11-28.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
for version in 20.20.2 26.10.0; do
  mkdir "node-$version" && echo '{"private":true}' > "node-$version/package.json"
  (cd "node-$version" && npm install --no-audit --no-fund --ignore-scripts=false --silent "node@$version" > /dev/null)
done

cat > names.mjs <<'JS'
const listed = new Set(Intl.supportedValuesOf('timeZone'));
for (const timeZone of ['Asia/Kolkata', 'Europe/Kyiv', 'America/Argentina/Buenos_Aires']) {
  const resolved = new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone;
  const kept = typeof Temporal === 'undefined' ? 'none' : new Temporal.ZonedDateTime(0n, timeZone).timeZoneId;
  console.log(`${process.version}  ${timeZone}  listed: ${listed.has(timeZone)}  Intl: ${resolved}  Temporal: ${kept}`);
}
JS
for version in 20.20.2 26.10.0; do "node-$version/node_modules/node/bin/node" names.mjs; done | tee found.txt
cat > expected.txt <<'TEXT'
v20.20.2  Asia/Kolkata  listed: false  Intl: Asia/Calcutta  Temporal: none
v20.20.2  Europe/Kyiv  listed: false  Intl: Europe/Kiev  Temporal: none
v20.20.2  America/Argentina/Buenos_Aires  listed: false  Intl: America/Buenos_Aires  Temporal: none
v26.10.0  Asia/Kolkata  listed: false  Intl: Asia/Calcutta  Temporal: Asia/Kolkata
v26.10.0  Europe/Kyiv  listed: false  Intl: Europe/Kiev  Temporal: Europe/Kyiv
v26.10.0  America/Argentina/Buenos_Aires  listed: false  Intl: America/Buenos_Aires  Temporal: America/Argentina/Buenos_Aires
TEXT
diff expected.txt found.txt && echo 'as found'
