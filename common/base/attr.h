/* attr.h - the compiler attributes of this project; the only place that names one. */
#ifndef SCL_BASE_ATTR_H
#define SCL_BASE_ATTR_H

#define SCL_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define SCL_CHECKED	      __attribute__((warn_unused_result))
#define SCL_CLEANUP(fn)	      __attribute__((cleanup(fn)))
#define SCL_FALLTHROUGH	      __attribute__((fallthrough))

/* Around the declarations of a header that a C++ file includes, too. */
#ifdef __cplusplus
#define SCL_C_BEGIN extern "C" {
#define SCL_C_END   }
#else
#define SCL_C_BEGIN
#define SCL_C_END
#endif

#endif
