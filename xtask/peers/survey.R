# What R's survey package (Debian package r-cran-survey; Lumley) says of the synthetic polls in a
# folder: `Rscript survey.R FOLDER OUT`. Writes design,key,value; percentages in percent.
# The answers are made once, from a fixed seed, if the folder has none.
suppressMessages(library(survey))
options(survey.lonely.psu = "fail", digits = 17)
arguments <- commandArgs(trailingOnly = TRUE)
folder <- arguments[1]
out <- arguments[2]

make_wave <- function(file, people, seed, shift) {
  set.seed(seed, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
  region <- sort(sample(c("north", "east", "south", "west"), people, TRUE, c(3, 2, 3, 1)))
  points <- c(north = 10, east = 7, south = 12, west = 5)
  point <- sprintf("%s-%02d", region, ceiling(runif(people) * points[region]))
  lean <- rnorm(length(unique(point)), 0, 0.6)
  names(lean) <- unique(point)
  sex <- sample(c("F", "M"), people, TRUE, c(0.56, 0.44))
  age <- sample(c("18-34", "35-64", "65+"), people, TRUE, c(0.2, 0.45, 0.35))
  liking <- rnorm(people) + lean[point] + shift + 0.3 * (sex == "F") - 0.2 * (age == "65+")
  q1 <- as.character(cut(liking, c(-Inf, -1, 0, 1, Inf), labels = 4:1))
  q1[runif(people) < 0.06] <- "9"
  q2 <- ifelse(runif(people) < 0.5, ifelse(liking + rnorm(people) > 0.4, "yes", "no"), "")
  weight <- round(exp(rnorm(people, 0, 0.4)) * c(north = 1.2, east = 0.8, south = 1, west = 0.6)[region], 4)
  answers <- data.frame(
    region, point,
    points_in_region = c(north = 40, east = 16, south = 90, west = 8)[region],
    people_in_region = c(north = 3000, east = 900, south = 2500, west = 400)[region],
    weight, sex, age, q1, q2
  )
  write.csv(answers, file, row.names = FALSE, quote = FALSE)
}

read_wave <- function(name, people, seed, shift) {
  file <- file.path(folder, name)
  if (!file.exists(file)) make_wave(file, people, seed, shift)
  wave <- read.csv(file, colClasses = c(q1 = "character", q2 = "character"))
  wave$q2[wave$q2 == ""] <- NA
  wave$agree <- as.numeric(wave$q1 %in% c("1", "2"))
  wave$net_agree <- wave$agree - as.numeric(wave$q1 %in% c("3", "4"))
  wave$one <- 1
  wave
}

sexes <- data.frame(sex = c("F", "M"), Freq = c(510, 490))
ages <- data.frame(age = c("18-34", "35-64", "65+"), Freq = c(270, 490, 240))
exact <- list(maxit = 1000, epsilon = 1e-14)

# Design weights that differ: `rake` would clear the influences by unweighted means, so calibration by
# the raking distance is the peer; the weights are the same.
calibrated <- function(design) {
  totals <- c(`(Intercept)` = 1000, sexM = 490, `age35-64` = 490, `age65+` = 240)
  calibrate(design, ~sex + age, totals, calfun = "raking", epsilon = 1e-13, maxit = 500)
}

designs <- function(wave) {
  of <- function(...) svydesign(data = wave, nest = TRUE, ...)
  weighted <- of(ids = ~1, weights = ~weight)
  complex <- of(ids = ~point, strata = ~region, weights = ~weight, fpc = ~points_in_region)
  list(
    simple = of(ids = ~1, weights = ~one),
    weighted = weighted,
    stratified = of(ids = ~1, strata = ~region, weights = ~weight),
    stratified_fpc = of(ids = ~1, strata = ~region, weights = ~weight, fpc = ~people_in_region),
    clustered = of(ids = ~point, weights = ~weight),
    clustered_stratified = of(ids = ~point, strata = ~region, weights = ~weight),
    clustered_fpc = complex,
    post_stratified = postStratify(weighted, ~age, ages),
    raked = rake(of(ids = ~1, weights = ~one), list(~sex, ~age), list(sexes, ages), exact),
    raked_clustered = calibrated(complex)
  )
}

rows <- list()
design_name <- ""
put <- function(key, value) {
  row <- sprintf("%s,%s,%.17g", design_name, key, as.numeric(value))
  rows[[length(rows) + 1]] <<- row
}

# One share: the interval is symmetric in log odds, by Student's t.
put_share <- function(key, design, given) {
  # A calibrated design keeps the rows outside a subset, with weight 0.
  design$variables$given <- as.numeric(!is.na(given) & given)
  mean <- svymean(~given, design, deff = "replace")
  ends <- as.vector(confint(svyciprop(~given, design, method = "xlogit")))
  put(paste0(key, ".percent"), 100 * coef(mean))
  put(paste0(key, ".standard_error"), 100 * SE(mean))
  put(paste0(key, ".low"), 100 * ends[1])
  put(paste0(key, ".high"), 100 * ends[2])
  put(paste0(key, ".design_effect"), deff(mean))
}

put_net <- function(key, design) {
  mean <- svymean(~net_agree, design, deff = "replace")
  ends <- as.vector(confint(mean, df = degf(design)))
  put(paste0(key, ".percent"), 100 * coef(mean))
  put(paste0(key, ".standard_error"), 100 * SE(mean))
  put(paste0(key, ".low"), 100 * ends[1])
  put(paste0(key, ".high"), 100 * ends[2])
  put(paste0(key, ".design_effect"), deff(mean))
}

put_toplines <- function(design) {
  for (code in c("1", "2", "3", "4", "9")) {
    put_share(paste0("q1.", code), design, design$variables$q1 == code)
  }
  put_share("q1.agree", design, design$variables$agree == 1)
  put_net("q1.net_agree", design)
  asked <- subset(design, !is.na(q2))
  for (code in c("yes", "no")) {
    put_share(paste0("q2.", code), asked, asked$variables$q2 == code)
  }
  weights <- weights(design)
  put("weighting_effect", length(weights) * sum(weights^2) / sum(weights)^2)
}

put_crosstab <- function(design) {
  codes <- c("1", "2", "3", "4", "9")
  for (group in c("18-34", "35-64", "65+")) {
    within <- subset(design, age == group)
    for (code in codes) put_share(paste0("column.", code, ".", group), within, within$variables$q1 == code)
  }
  for (code in codes) {
    within <- subset(design, q1 == code)
    for (group in c("18-34", "35-64", "65+")) {
      put_share(paste0("row.", code, ".", group), within, within$variables$age == group)
    }
  }
  test <- svychisq(~q1 + region, design, statistic = "F")
  put("association.f", test$statistic)
  put("association.numerator", test$parameter[["ndf"]])
  put("association.denominator", test$parameter[["ddf"]])
  put("association.p", test$p.value)
}

put_change <- function(before, after) {
  first <- svymean(~net_agree, before)
  second <- svymean(~net_agree, after)
  points <- coef(second) - coef(first)
  error <- sqrt(vcov(first) + vcov(second))
  half <- qt(0.975, degf(before) + degf(after)) * error
  put("change.points", 100 * points)
  put("change.standard_error", 100 * error)
  put("change.low", 100 * (points - half))
  put("change.high", 100 * (points + half))
}

first <- read_wave("wave1.csv", 620, 2018, 0)
second <- read_wave("wave2.csv", 540, 2026, 0.15)
before <- designs(first)
after <- designs(second)
for (name in names(before)) {
  design_name <- name
  put_toplines(before[[name]])
  put_crosstab(before[[name]])
  put_change(before[[name]], after[[name]])
}
writeLines(c("design,key,value", unlist(rows)), out)
