'use strict';
// Everything here is comfort: without it the page shows the same and every address can be opened and copied by hand.
const main = () => document.querySelector('main');
const status = document.querySelector('[role=status]');
const filter = document.querySelector('input[type=search]');

// Copying an address. The clipboard is open to pages from a safe origin only; elsewhere the old command does it.
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = document.body.appendChild(document.createElement('input'));
    field.value = text;
    field.select();
    document.execCommand('copy');
    field.remove();
  }
}
document.addEventListener('click', async (event) => {
  const button = event.target.closest('button[data-copy]');
  if (!button) return;
  await copy(button.dataset.copy);
  status.textContent = 'Address copied: ' + button.dataset.copy;
  button.textContent = 'Copied';
  setTimeout(() => { button.textContent = 'Copy'; }, 2000);
});

// Buttons that only work with a script are made by it.
function furnish() {
  for (const cell of document.querySelectorAll('.list tbody td:last-child')) {
    const address = cell.querySelector('a').href;
    const name = cell.parentNode.cells[0].textContent;
    const link = cell.appendChild(document.createElement('a'));
    link.href = 'feed:' + address;
    link.textContent = 'Open';
    link.setAttribute('aria-label', 'Open the feed of ' + name + ' in your reader');
    const button = cell.appendChild(document.createElement('button'));
    button.type = 'button';
    button.textContent = 'Copy';
    button.dataset.copy = address;
    button.setAttribute('aria-label', 'Copy the address of the feed of ' + name);
  }
  for (const hidden of document.querySelectorAll('.scripted')) hidden.hidden = false;
}

// Filtering: every word must stand in the name of the feed or of its group.
function sift() {
  if (!filter) return;
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const group of main().querySelectorAll('section')) {
    const title = group.querySelector('h2').textContent.toLowerCase();
    let left = 0;
    for (const row of group.querySelectorAll('tbody tr')) {
      const name = title + ' ' + row.cells[0].textContent.toLowerCase();
      row.hidden = !words.every((word) => name.includes(word));
      left += !row.hidden;
    }
    group.hidden = left === 0;
    shown += left;
  }
  status.textContent = words.length ? shown + (shown === 1 ? ' feed' : ' feeds') : '';
}
filter?.addEventListener('input', sift);

// Following changes. A list is exchanged in place, so that what was typed stays; a feed is shown anew. Whoever keeps answers on the
// way may hand out the page as it was: then it is asked for again, each time after a longer pause. How often that was outlives the page.
const place = 'tidings:' + location.pathname;
let told;
let tries;
let timer;
function tried() {
  try {
    const [what, times] = JSON.parse(sessionStorage.getItem(place)) || [];
    return what === told ? times : 0;
  } catch {
    // nothing may be kept: every pause is the longest
    return 6;
  }
}
function wait() {
  clearTimeout(timer);
  timer = setTimeout(refresh, tries && Math.min(5000 * 2 ** tries, 300000));
}
async function refresh() {
  const what = told;
  tries += 1;
  if (filter) {
    const isShown = await exchange(what);
    if (!isShown && what === told) wait();
    return;
  }
  try {
    sessionStorage.setItem(place, JSON.stringify([what, tries]));
  } catch { /* as above */ }
  location.reload();
}
async function exchange(what) {
  try {
    const answer = await fetch(location.href, { cache: 'no-cache' });
    if (!answer.ok) return false;
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
    main().replaceWith(document.importNode(fresh.querySelector('main'), true));
    furnish();
    sift();
    return answer.headers.get('etag')?.includes(what);
  } catch {
    return false;
  }
}
const seen = Math.floor(Date.parse(document.lastModified) / 1000);
const events = new EventSource(document.body.dataset.events + '&seen=' + seen);
events.addEventListener('change', ({ data }) => {
  if (data === told) return;
  told = data;
  tries = filter ? 0 : tried();
  wait();
});

furnish();
sift();
