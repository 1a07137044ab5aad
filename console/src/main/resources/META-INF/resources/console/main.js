import "./elements/app.js";
