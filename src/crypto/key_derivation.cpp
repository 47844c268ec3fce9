#include <crypto/key_derivation.hpp>

#include <algorithm>
#include <crypto/openssl.hpp>
#include <openssl/asn1t.h>
#include <openssl/pkcs7.h>

namespace kusto::crypto
{

namespace
{

using pbe_ptr = std::unique_ptr<PBEPARAM, freed_by<PBEPARAM_free>>;
using pbe2_ptr = std::unique_ptr<PBE2PARAM, freed_by<PBE2PARAM_free>>;
using pbkdf2_ptr = std::unique_ptr<PBKDF2PARAM, freed_by<PBKDF2PARAM_free>>;
using scrypt_ptr = std::unique_ptr<SCRYPT_PARAMS, freed_by<SCRYPT_PARAMS_free>>;

struct free_safes
{
    void operator()(STACK_OF(PKCS7) * what) const noexcept { sk_PKCS7_pop_free(what, PKCS7_free); }
};

struct free_bags
{
    void operator()(STACK_OF(PKCS12_SAFEBAG) * what) const noexcept
    {
        sk_PKCS12_SAFEBAG_pop_free(what, PKCS12_SAFEBAG_free);
    }
};

using safes_ptr = std::unique_ptr<STACK_OF(PKCS7), free_safes>;
using bags_ptr = std::unique_ptr<STACK_OF(PKCS12_SAFEBAG), free_bags>;

std::int64_t limited(std::int64_t count)
{
    return std::min(count, most_iterations + 1);
}

/// What is no number is refused by OpenSSL before it begins.
std::int64_t number(ASN1_INTEGER const* from)
{
    std::int64_t value = 0;
    if (from == nullptr)
        return 0;
    bool const fits = ASN1_INTEGER_get_int64(&value, from) == 1;
    return fits ? limited(std::max<std::int64_t>(value, 0)) : most_iterations + 1;
}

template <class Owner>
Owner parameters(X509_ALGOR const* how, ASN1_ITEM const* form)
{
    using type = typename Owner::element_type;
    return Owner(static_cast<type*>(ASN1_TYPE_unpack_sequence(form, how->parameter)));
}

std::int64_t iterations_of_function(X509_ALGOR const* how)
{
    constexpr std::int64_t scrypt_lane = 100'000; // takes as long; OpenSSL limits its memory
    int const kind = OBJ_obj2nid(how->algorithm);
    if (kind == NID_id_pbkdf2)
    {
        auto const with = parameters<pbkdf2_ptr>(how, ASN1_ITEM_rptr(PBKDF2PARAM));
        return with ? number(with->iter) : 0;
    }
    if (kind == NID_id_scrypt)
    {
        auto const with = parameters<scrypt_ptr>(how, ASN1_ITEM_rptr(SCRYPT_PARAMS));
        return with ? limited(number(with->parallelizationParameter) * scrypt_lane) : 0;
    }
    return 0; // none that OpenSSL knows
}

std::int64_t iterations_of_bag(PKCS12_SAFEBAG const* bag)
{
    if (PKCS12_SAFEBAG_get_nid(bag) != NID_pkcs8ShroudedKeyBag)
        return 0;
    auto const* const sealed = PKCS12_SAFEBAG_get0_pkcs8(bag);
    X509_ALGOR const* how = nullptr;
    if (sealed != nullptr)
        X509_SIG_get0(sealed, &how, nullptr);
    return how == nullptr ? 0 : iterations_of(how);
}

std::int64_t iterations_of_safe(PKCS7* safe)
{
    if (PKCS7_type_is_encrypted(safe))
    {
        auto const* const content = safe->d.encrypted;
        bool const whole = content != nullptr && content->enc_data != nullptr;
        return whole ? iterations_of(content->enc_data->algorithm) : 0;
    }
    bags_ptr const bags(PKCS7_type_is_data(safe) ? PKCS12_unpack_p7data(safe) : nullptr);
    std::int64_t sum = 0;
    for (int i = 0; bags && i < sk_PKCS12_SAFEBAG_num(bags.get()); ++i)
        sum = limited(sum + iterations_of_bag(sk_PKCS12_SAFEBAG_value(bags.get(), i)));
    return sum;
}

} // namespace

std::int64_t iterations_of(X509_ALGOR const* how)
{
    if (OBJ_obj2nid(how->algorithm) == NID_pbes2)
    {
        auto const both = parameters<pbe2_ptr>(how, ASN1_ITEM_rptr(PBE2PARAM));
        return both && both->keyfunc != nullptr ? iterations_of_function(both->keyfunc) : 0;
    }
    auto const with = parameters<pbe_ptr>(how, ASN1_ITEM_rptr(PBEPARAM));
    return with ? number(with->iter) : 0;
}

std::int64_t iterations_of(PKCS12 const* file)
{
    ASN1_INTEGER const* of_mac = nullptr;
    PKCS12_get0_mac(nullptr, nullptr, nullptr, &of_mac, file);
    std::int64_t sum = number(of_mac);
    safes_ptr const safes(PKCS12_unpack_authsafes(file));
    for (int i = 0; safes && i < sk_PKCS7_num(safes.get()); ++i)
        sum = limited(sum + iterations_of_safe(sk_PKCS7_value(safes.get(), i)));
    return sum;
}

} // namespace kusto::crypto
