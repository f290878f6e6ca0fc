// Asks the server of `archdsl view --watch` what is new: another picture, for which the page loads again and its address
// keeps what is open, or what is wrong with the spec, which is shown while the last picture stays.

async function live() {
  const mine = document.getElementById("live").textContent, shown = document.getElementById("problems");
  const show = (words, ended) => {
    shown.textContent = words;
    shown.hidden = !words;
    shown.classList.toggle("ended", Boolean(ended));
  };
  const pause = (seconds) => new Promise((done) => setTimeout(done, 1000 * seconds));
  for (let key = mine + "."; ;) {
    try {
      const answer = await fetch("news?after=" + key);
      if (answer.status === 404) throw new Error("another server answers");
      if (answer.status === 204) continue;  // nothing for a while
      const news = await answer.json();
      if (news.page !== mine) {
        if (globalThis.page) globalThis.page.writeAddress();
        location.reload();
        return;
      }
      key = news.page + "." + news.mark;
      show(news.problems);
    } catch {
      show("archdsl view --watch has ended, or cannot be reached: this page stays as it is.", true);
      await pause(2);
      key = mine + ".lost";
    }
  }
}
live();
