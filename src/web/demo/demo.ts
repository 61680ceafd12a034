/** The demo page's search box hands its question to the widget, as a city's own page would. */
const form = document.querySelector<HTMLFormElement>('#ask');
const input = document.querySelector<HTMLInputElement>('#question');
const note = document.querySelector<HTMLElement>('#ask-note');

form?.addEventListener('submit', (event) => {
  event.preventDefault();
  const text = input?.value.trim() ?? '';
  if (text === '' || input === null) return;
  if (document.getElementById('yihu-widget') === null) {
    if (note !== null) note.textContent = '在线客服没有加载成功，请刷新页面，或拨打 12345。';
    return;
  }
  document.dispatchEvent(new CustomEvent('yihu:ask', { detail: { text } }));
  input.value = '';
});
