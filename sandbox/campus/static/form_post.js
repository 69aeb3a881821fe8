// Sends the page's only form as soon as the page is there: login initiation, or the answer to the tool.
document.getElementById("post").submit();
