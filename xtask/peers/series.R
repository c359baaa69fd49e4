# Three synthetic monthly series, and what R says of them: quasi-Poisson regression with a step and a change of
# course for each event and yearly waves.
#
# Usage: Rscript series.R FOLDER OUT, where FOLDER holds `series.csv` (made here when it is missing).

words <- commandArgs(trailingOnly = TRUE)
folder <- words[1]
out <- words[2]

# Name, months, first months after the events, yearly waves.
plans <- list(
  list(name = "step", months = 48, events = 25, waves = 0),
  list(name = "season", months = 60, events = 33, waves = 2),
  list(name = "two", months = 72, events = c(25, 53), waves = 1)
)

columns <- function(plan, happened = TRUE) {
  time <- seq_len(plan$months) - 1
  design <- data.frame(time = time)
  for (event in plan$events) {
    since <- ifelse(time >= event - 1 & happened, 1, 0)
    design[[paste0("step", event)]] <- since
    design[[paste0("course", event)]] <- since * (time - (event - 1))
  }
  for (wave in seq_len(plan$waves)) {
    design[[paste0("sine", wave)]] <- sin(2 * pi * wave * time / 12)
    design[[paste0("cosine", wave)]] <- cos(2 * pi * wave * time / 12)
  }
  design
}

data <- file.path(folder, "series.csv")
if (!file.exists(data)) {
  set.seed(2018)
  made <- lapply(plans, function(plan) {
    design <- columns(plan)
    size <- switch(plan$name, step = 5.2, season = 4.4, two = 6.1)
    effects <- rep(0, ncol(design))
    effects[1] <- 0.004
    effects[grepl("step", names(design))] <- c(-0.25, 0.12)[seq_along(plan$events)]
    effects[grepl("course", names(design))] <- c(0.006, -0.004)[seq_along(plan$events)]
    effects[grepl("sine", names(design))] <- 0.1
    mean <- exp(size + as.matrix(design) %*% effects)
    data.frame(series = plan$name, month = design$time, count = rnbinom(plan$months, mu = mean, size = 60))
  })
  write.csv(do.call(rbind, made), data, row.names = FALSE, quote = FALSE)
}

series <- read.csv(data)
lines <- "series,key,value"
tell <- function(name, key, value) {
  lines <<- c(lines, sprintf("%s,%s,%.17g", name, key, value))
}
for (plan in plans) {
  design <- columns(plan)
  design$count <- series$count[series$series == plan$name]
  model <- glm(count ~ ., family = quasipoisson, data = design, control = list(epsilon = 1e-14, maxit = 100))
  table <- summary(model)$coefficients
  for (at in seq_len(nrow(table))) {
    tell(plan$name, sprintf("coefficient.%d.estimate", at - 1), table[at, 1])
    tell(plan$name, sprintf("coefficient.%d.error", at - 1), table[at, 2])
  }
  tell(plan$name, "dispersion", summary(model)$dispersion)
  residuals <- residuals(model, "pearson")
  tell(plan$name, "autocorrelation", acf(residuals, lag.max = 1, plot = FALSE)$acf[2])
  reach <- qt(0.975, model$df.residual)
  for (happened in c(TRUE, FALSE)) {
    said <- predict(model, columns(plan, happened), se.fit = TRUE)
    what <- if (happened) "fitted" else "without"
    for (month in seq_len(plan$months)) {
      key <- sprintf("%s.%d", what, month - 1)
      tell(plan$name, paste0(key, ".value"), exp(said$fit[month]))
      tell(plan$name, paste0(key, ".low"), exp(said$fit[month] - reach * said$se.fit[month]))
      tell(plan$name, paste0(key, ".high"), exp(said$fit[month] + reach * said$se.fit[month]))
    }
  }
}
writeLines(lines, out)
