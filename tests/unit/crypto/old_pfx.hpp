#pragma once

namespace kusto::test
{

/// A PKCS#12 file as old tools write it: the certificate under RC2-40, the key under 3DES, password
/// `fixture`. Made with `openssl req -x509 -days 36500` and `openssl pkcs12 -export -legacy`; the
/// key was made for this and is used nowhere. Base64.
constexpr char const* old_pfx =
    "MIIJQQIBAzCCCQcGCSqGSIb3DQEHAaCCCPgEggj0MIII8DCCA6cGCSqGSIb3DQEHBqCCA5gwggOUAgEAMIIDjQYJKoZI"
    "hvcNAQcBMBwGCiqGSIb3DQEMAQYwDgQIT8db2FxfSVkCAggAgIIDYHbtxqV6IDbAQY2IFeXR4JcNDEO0wmqT1AkdqjPG"
    "CblVsoNfNoTFDCgwsIcBHTPPf0CyLqSEWmfbU0rNesA8seT8nZCpkVaJTn35khOlF6b9cn2jmfWiDk36CaHq5lza0/+6"
    "SMT8VLQ+GtvxtJOPPk1kAEAnKJ7oVAAs6n9cctayFbmLeVVUAvoc7zEXmywQxI9dKndfOxguhD66V6eZ7Pt8sD6d/4YK"
    "xTzXUN6dcXQwu1xluwZGr3oTu8AM87AjtkR+qIW9QPt/dKh9ZQYDePgH11uNt/gYtG0gD2Iuk1eHWRdkJFRgjFryJuqh"
    "3SWA74rt1oZh50XX4dmgzHsJxq7mlshWWO11RggkcrrdoXHbo3oOtqbFPgcN3hrciFMRVnyAdkZHF4lZ7nt3iwHIvUnA"
    "ddH29LoMxyYLRf74rg/6hpbnnkFbKvVknGUQqoAHG1Iy8blvmRpUiU4/0IoHYFQ35SHyMEAyw6JsfQfBPzOEo6GzKo7I"
    "R1gDsJqRmgp0xw4IdVspeo2B0FkP8xL6WdwhVsxV1piQvoKyjFg5QaYZCEABPfUDN3ZNSqiWQcoDi/Y4DAGBiAd6WSw9"
    "iuppGvtZKU/+fxLvNN7XcbtD7f4FTVygAkJi9LtMSh7HdBKV2YsCntmaVil6Ngk9XcGtiGGUSUw+5HbheKiVvmlRC/yX"
    "IDA7BrzppMhPPUt/ERiMvXBcLEFaOhrRbzuunLvc+4k6+9DQSZ43AXZ3SjYd14qQvpaLC94bDywYcHoGjKRdFcql7ejp"
    "YftqA7MEXpXd9cTn7f+At+2c6UsUDHEp2aJlZaTsQvEMeVF6iLxQMAEHZ1VvmNhVDsfg5oX18MRzmhkqu/qAQYVKWvRx"
    "stvYiszsMhUjjUUIotczvMRbcdKeGFfAU3xjEi1DzTLL/vrmX1mcR7rCCCOXoPd0VfFmi9GWzpyC+za2lQEmLPjyvlCf"
    "QHYI2P7Z3LGuAsq/jC8fsLf5+ZnBt2YMDg14n+jVfReadNKJMRug0e1pKqVm0ogrspOf+oFHXK6dRElR2U/qF9sEc7q4"
    "8UzNhsTGvzRbycIcJ9KvdyApSKHBAfB7rfHXrmgAhS0U37/g1QRUrsIesDbFyMqidJRTTOI74h12eY9vIo/xKv70E6IW"
    "tsgrcGZzSjCCBUEGCSqGSIb3DQEHAaCCBTIEggUuMIIFKjCCBSYGCyqGSIb3DQEMCgECoIIE7jCCBOowHAYKKoZIhvcN"
    "AQwBAzAOBAggpQBJt9OLsAICCAAEggTI6HfMpTw8E8xpGRDQunnIyZfA44EHSL8QE9E1MWr1w61k6Vx1ixVNh7TryZxS"
    "HvLaLAuwKnP2zBcxvLlFzRtK2zuC19LqTDUl4GKwMDzNr9RMsqFOooEJXPe/5NDx4bCzAsyz0xRoD4PDI5DmNOgGHYN5"
    "0PVKOazvc1gfatCNomQ9xFrsVpB19/x6phczHAIawKfrancC7FFFkxAaMdEX7OJQnXd47yiz0cN2KfIpFDW5KERIxCVl"
    "srDEDwaznw2jFSRWcN2+j0kdCvmCk1XC1FmpsIm4xQ0hVbw+lEWotdBimqFExStp/S5mzNbdizNydDc93cBGLex8IM/y"
    "p4xvj1V+F3T8Ci22jSzfXP62HPgnFi13q3PeSOFL6VJsCwWH38N85zsAzD0FMJwULYS8It2EUZguV3OILbA+OHV2CZZw"
    "xarRCzaN0M9Bwv2xu44w2SV7ZjZJk6piXSRX9VuDkfNK4EihDfafRVpQSkILEH2scwdXDCAyAh6fuoqNbFl3up/Irl2/"
    "R8yj498F72NcN7QISJ6hybWM0s2X2Vik7rATo02259QeK8KJeJru3gCSju3dlsFRYShNXUMxUlVxE2qhCuvnh5SH2jmV"
    "dvXZ2+jD04xEcFbN6LVh6DB4GswsRkMaJDe6etqBqGOsGLBl0fxwgic/nqadCXz1tQ7DIvOJYHTZ5od2RP4QIjEImaCw"
    "WiFqt0B6GWAoM6TVgHesiOfoe1+olDUEf7JQUmeYuz7Q0npcRqCP0aQGPnktLAAk/OGXTV25nAcb5KTYz8O4mT54FIGY"
    "00mc42uUPREGXgyT1ahQtEzeN/gl0fEKMP/8ZvmLevXYQ0jtPRI1Mm3rtLnY5eyOov+EcIPntQHPz9PDQ/4STC7hAO52"
    "9PGv70jBSWGGYZg8ZjkPMBaD7cE+F99FEH0Uz+VcP45Y/pHbzcjAqz4+Pr057ojMR1da28AE4N2K8tEke/mK7k+vJcMm"
    "U0uK5WBdLLHgmK8k99X9UdqkWuHBzhNgKYOV4TLuB1Zhktw9QIFYCsNXfv1R2MEWdXfTo/cgmmAiWfeZ90wjpp5h5ahl"
    "h2a1HzxXBgUpg3NoJbrgpDIbTUyjCtogoW+YsGyz3+ylLitzFtim/893rdgQA2Vwm6PywhtAnC5desy1pq3/kgufm5/x"
    "4xcciEoXa70xglDkGxcfw5dacnA7EQXYOtid2ZDn5SIbBw6J0Ige8ZPWEifTKv0UK9gYB3Sh6yPBG9yF1HNmYE81LA1t"
    "griPPD43BnfL8DmmOJQw7ZungB78lRjZxGanEL7qVpuF+7wwPKO2kLSMCoN2qCyfg/rK3xb8490JDQhhNQQO8wxY8ook"
    "/4U8C9wLW28zqMiI/g8PQ8UO8rzLgu1yH2jfc2vVlRzZJWwDo+bR6YXLPlAMAt6YiYMbzwYkT+KotfuznNWYNn00SXYv"
    "BwBmiutwG/ry3ZjSf3CzAkiL0ZHZ11/LSKjFfQZz5H1ysnvGqxrzjLL6yr4tcvYyN3duHpTt+2fdtcvM6t3Ck0LnKdMQ"
    "9GxS/hzmo7QIjsEFYSLut6HrBk1fK1zd7rxmz91qoT32Kk+ijmSXTDjouR/iUlvtIF1uDdXg1jkvx1ie8U9ug+2JVTk8"
    "e1xdJLJeMSUwIwYJKoZIhvcNAQkVMRYEFPVlmOwQfA+PJBVdrC6EbQbNYePsMDEwITAJBgUrDgMCGgUABBQhH8Y1/6gP"
    "kJKFPGFn6qT6OosOrAQIG533wpCA0JgCAggA";

} // namespace kusto::test
