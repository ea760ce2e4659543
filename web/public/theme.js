/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs before the first paint, so that a chosen theme never flashes in the other one. */
try {
  var theme = localStorage.getItem('kith.theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch (_) {}
